// Makes the npm package: modules and their types, for bundlers and for browsers.
//
// Run: node pack.mjs [FOLDER]     The folder is made anew; `dist` when none is named. Then: npm pack ./dist

import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {basename, dirname, join, resolve} from 'node:path'
import {promisify} from 'node:util'
import {build} from 'esbuild'
import {HERE, licenses, make, SHARED, sheets} from './files.mjs'

const OUT = resolve(process.argv[2] ?? join(HERE, 'dist'))
/** What can be imported, by the name of its module, and what it is made from. */
const ENTRIES = {
  index: 'sdk/src/index.ts',
  core: 'package/core.ts',
  audio: 'package/audio.ts',
  widget: 'package/widget.ts',
  react: 'react/src/index.ts',
  types: 'package/types.ts',
}
/** Files that a call loads by address; for pages that may load nothing from the server that serves the talk. */
const ASSETS = ['viva-audio.js', 'viva-worker.js', 'viva-inline.js', 'viva-extras.js']

/** Modules that share what they have in common. They are read by bundlers, so they are not minified. */
async function modules() {
  const {outputFiles} = await build({
    ...SHARED,
    minify: false,
    entryPoints: ENTRIES,
    outdir: OUT,
    format: 'esm',
    splitting: true,
    external: ['react'],
    plugins: [sheets],
  })
  // frameworks that render on servers are told which modules belong to the page
  const told = (path) => (basename(path) === 'react.js' ? "'use client'\n" : '')
  return outputFiles.map(({path, text}) => [path, told(path) + text])
}

/** Declarations of what the entries lead to, each beside those it imports. */
async function declarations() {
  const folder = await mkdtemp(join(tmpdir(), 'viva-types-'))
  try {
    const tsc = join(HERE, 'node_modules/.bin/tsc')
    await promisify(execFile)(tsc, ['-p', 'tsconfig.pack.json', '--outDir', folder], {cwd: HERE})
    const found = new Map()
    const follow = async (path) => {
      if (found.has(path)) return
      const text = await readFile(join(folder, path), 'utf8')
      const imports = [...text.matchAll(/(?:from |import\()'(\.[^']*)\.ts'/g)].map(([, from]) => from)
      found.set(path, text.replaceAll(/((?:from |import\()'\.[^']*)\.ts'/g, "$1.js'"))
      await Promise.all(imports.map((from) => follow(join(dirname(path), `${from}.d.ts`))))
    }
    await Promise.all(Object.values(ENTRIES).map((entry) => follow(entry.replace(/\.ts$/, '.d.ts'))))
    return [...found].map(([path, text]) => [join(OUT, 'types', path), text])
  } finally {
    await rm(folder, {recursive: true})
  }
}

async function manifest() {
  const {name, description, license, engines, devDependencies} = JSON.parse(
    await readFile(join(HERE, 'package.json'), 'utf8'),
  )
  const python = await readFile(join(HERE, '../src/vivavoce/__init__.py'), 'utf8')
  const [, version] = /__version__ = "([^"]+)"/.exec(python) ?? []
  const exported = Object.entries(ENTRIES).map(([entry, source]) => [
    entry === 'index' ? '.' : `./${entry}`,
    {types: `./types/${source.replace(/\.ts$/, '.d.ts')}`, default: `./${entry}.js`},
  ])
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    engines,
    exports: {...Object.fromEntries(exported), './assets/*': './assets/*', './package.json': './package.json'},
    peerDependencies: {react: `>=${/\d+/.exec(devDependencies.react)[0]}`},
    peerDependenciesMeta: {react: {optional: true}},
  }
}

const [files, made, types, about] = await Promise.all([make(), modules(), declarations(), manifest()])
await rm(OUT, {recursive: true, force: true})
const all = [
  ...made,
  ...types,
  ...ASSETS.map((name) => [join(OUT, 'assets', name), files[name]]),
  [join(OUT, 'package.json'), `${JSON.stringify(about, null, 2)}\n`],
  [join(OUT, 'README.md'), await readFile(join(HERE, 'package/README.md'), 'utf8')],
  [join(OUT, 'LICENSE'), await readFile(join(HERE, '../LICENSE'), 'utf8')],
  [join(OUT, 'licenses.txt'), await licenses()],
]
for (const [path, text] of all) {
  await mkdir(dirname(path), {recursive: true})
  await writeFile(path, text)
}
