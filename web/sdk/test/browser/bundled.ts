// A page's script with everything in it, from the sources: nothing of it is built for a server.

import {build} from 'esbuild'

export async function bundled(entry: string): Promise<string> {
  const {outputFiles} = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    loader: {'.css': 'text'},
    logLevel: 'error',
  })
  const [file] = outputFiles
  if (!file) throw new Error(`want a bundle of ${entry}, got none`)
  return file.text
}
