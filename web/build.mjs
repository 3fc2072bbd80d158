// Builds what `viva serve` hands out under /static/.
//
// Run: node build.mjs [--sizes]     `--sizes` builds in memory only and prints JSON: what each part weighs after gzip.

import {mkdir, readdir, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {HERE, make} from './files.mjs'
import {sizes} from './sizes.mjs'

const OUT = join(HERE, '../src/vivavoce/app/static')

/** Whoever reads meanwhile sees a whole file, the old one or the new one. */
async function replace(name, text) {
  const beside = join(OUT, `.${name}.${process.pid}`)
  await writeFile(beside, text)
  await rename(beside, join(OUT, name))
}

const files = await make()
if (process.argv.includes('--sizes')) {
  process.stdout.write(`${JSON.stringify(sizes(files), null, 2)}\n`)
} else {
  await mkdir(OUT, {recursive: true})
  await Promise.all(Object.entries(files).map(([name, text]) => replace(name, text)))
  const gone = (await readdir(OUT)).filter((name) => !(name in files) && !name.startsWith('.'))
  await Promise.all(gone.map((name) => rm(join(OUT, name))))
}
