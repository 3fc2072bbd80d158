// Builds what `viva serve` hands out under /static/: one file for each thread, and the bare page.
//
// Run: node build.mjs [--sizes]     `--sizes` builds in memory only and prints JSON: what each part weighs after gzip.

import {mkdir, readdir, rename, rm, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {gzipSync} from 'node:zlib'
import {build} from 'esbuild'
import {minify} from 'terser'

const HERE = dirname(fileURLToPath(import.meta.url))
const OUT = join(HERE, '../src/vivavoce/app/static')

/** Bytes after gzip that a part of what a page loads may weigh. */
const BUDGETS = {
  page: {files: ['viva.js'], budget: 9000},
  'worklets and worker': {files: ['viva-audio.js', 'viva-worker.js'], budget: 6000},
  'bare page': {files: ['talk.js'], budget: 3000},
}

const SHARED = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  write: false,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
}

/** The page imports the SDK as anybody's page would: from beside it, and it is counted once. */
const sdkBeside = {
  name: 'sdk-beside',
  setup(building) {
    building.onResolve({filter: /\/src\/index\.ts$/}, () => ({path: './viva.js', external: true}))
  },
}

/** One bundle as text. */
async function bundled(options) {
  const {outputFiles} = await build({...SHARED, ...options})
  return outputFiles[0].text
}

/** One script as text. terser writes numbers out where they are used, which esbuild does not do below an import. */
async function script(options) {
  const {code} = await minify(await bundled(options), {ecma: 2022, module: options.format === 'esm'})
  return code
}

/** Every file by name. The same sources give the same bytes. */
async function files() {
  const [audio, worker] = await Promise.all([
    // the same text does as a file, for a blob and for a data address: nothing is imported
    script({entryPoints: ['sdk/src/worklets/index.ts'], format: 'iife'}),
    script({entryPoints: ['sdk/src/worker/main.ts'], format: 'esm'}),
  ])
  return {
    'viva.js': await script({entryPoints: ['sdk/src/index.ts'], format: 'esm', external: ['./viva-inline.js']}),
    'viva-audio.js': audio,
    'viva-worker.js': worker,
    'viva-inline.js': `export const audio=${JSON.stringify(audio)};export const worker=${JSON.stringify(worker)};\n`,
    'viva-extras.js': await script({entryPoints: ['sdk/src/session/extras_file.ts'], format: 'esm'}),
    'talk.js': await script({entryPoints: ['sdk/page/talk.ts'], format: 'esm', plugins: [sdkBeside]}),
    'talk.css': await bundled({entryPoints: ['sdk/page/talk.css'], loader: {'.css': 'css'}}),
  }
}

/** Whoever reads meanwhile sees a whole file, the old one or the new one. */
async function replace(name, text) {
  const beside = join(OUT, `.${name}.${process.pid}`)
  await writeFile(beside, text)
  await rename(beside, join(OUT, name))
}

const made = await files()
if (process.argv.includes('--sizes')) {
  const weigh = (text) => gzipSync(text, {level: 9}).length
  const parts = Object.entries(BUDGETS).map(([part, {files: names, budget}]) => [
    part,
    {gzip: names.reduce((sum, name) => sum + weigh(made[name]), 0), budget},
  ])
  process.stdout.write(`${JSON.stringify(Object.fromEntries(parts), null, 2)}\n`)
} else {
  await mkdir(OUT, {recursive: true})
  await Promise.all(Object.entries(made).map(([name, text]) => replace(name, text)))
  const gone = (await readdir(OUT)).filter((name) => !(name in made) && !name.startsWith('.'))
  await Promise.all(gone.map((name) => rm(join(OUT, name))))
}
