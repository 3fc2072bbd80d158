// What browsers load, as text by the name it is served under: one file for each thread, and what is fetched when needed.

import {readdir, readFile} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build, transform} from 'esbuild'
import {minify} from 'terser'

export const HERE = dirname(fileURLToPath(import.meta.url))
const LANGUAGES = 'widget/src/words/languages'

export const SHARED = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  write: false,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'error',
}

/** Modules that a page loads as files of their own, from beside the one that imports them; so each is counted once. */
const BESIDE = [
  [/\/sdk\/src\/index\.ts$/, './viva.js'],
  [/\/widget\/src\/widget\.ts$/, './viva-widget.js'],
  [/\/widget\/src\/help\/index\.ts$/, './viva-help.js'],
]

const beside = {
  name: 'beside',
  setup(building) {
    building.onResolve({filter: /\/(index|widget)\.ts$/}, ({path, resolveDir, kind}) => {
      const [, external] = BESIDE.find(([file]) => file.test(join(resolveDir, path))) ?? []
      return kind === 'entry-point' || external === undefined ? null : {path: external, external: true}
    })
  },
}

/** A style sheet is a text to the code that adopts it. */
export const sheets = {
  name: 'sheets',
  setup(building) {
    building.onLoad({filter: /\.css$/}, async ({path}) => {
      const {code} = await transform(await readFile(path, 'utf8'), {loader: 'css', minify: true, charset: 'utf8'})
      return {contents: code.trim(), loader: 'text'}
    })
  },
}

/** One bundle as text. */
async function bundled(options) {
  const {outputFiles} = await build({...SHARED, ...options})
  return outputFiles[0].text
}

/** terser writes numbers out where they are used, which esbuild does not do below an import. */
async function smaller(code, isModule = true) {
  return (await minify(code, {ecma: 2022, module: isModule, compress: {passes: 3}})).code
}

/** What breaks the lines of a template in its source is one space on the screen. */
function flatten(node) {
  if (typeof node !== 'object' || node === null) return
  if (node.type === 'TaggedTemplateExpression') {
    for (const piece of node.quasi.quasis) {
      const flat = piece.value.raw.replaceAll(/\s*\n\s*/g, ' ')
      piece.value = {raw: flat, cooked: flat}
    }
  }
  for (const below of Object.values(node)) flatten(below)
}

/** As `smaller`, of a module that draws. */
async function flatter(code) {
  const read = {module: true, compress: false, mangle: false, format: {spidermonkey: true, code: false}}
  const {ast} = await minify(code, read)
  flatten(ast)
  const written = {ecma: 2022, module: true, parse: {spidermonkey: true}, compress: {passes: 3}}
  return (await minify(ast, written)).code
}

/** One script as text. */
async function script(entry, format) {
  return smaller(await bundled({entryPoints: [entry], format, plugins: [beside, sheets]}), format === 'esm')
}

/** What has to be said of the code of others in it. */
export async function licenses() {
  const lit = await readFile(join(HERE, 'node_modules/lit-html/LICENSE'), 'utf8')
  return `The widget holds lit-html (https://lit.dev), which comes under this licence:\n\n${lit}`
}

/**
 * The widget's start screen, and all the rest of it. What both use stands in the first: it is there when the second
 * comes, so nothing is loaded twice, and nothing is a file of its own.
 */
async function widget() {
  const {outputFiles} = await build({
    ...SHARED,
    entryPoints: {'viva-widget': 'widget/src/widget.ts', 'viva-more': 'widget/src/more.ts'},
    outdir: HERE,
    chunkNames: 'viva-shared',
    splitting: true,
    format: 'esm',
    plugins: [beside, sheets],
  })
  const parts = new Map(outputFiles.map(({path, text}) => [`./${basename(path)}`, text]))
  const joined = {
    name: 'joined',
    setup(building) {
      building.onResolve({filter: /^\.\//}, ({path}) =>
        path === './viva-more.js' || !parts.has(path) ? {path, external: true} : {path, namespace: 'parts'},
      )
      building.onLoad({filter: /./, namespace: 'parts'}, ({path}) => ({contents: parts.get(path)}))
    },
  }
  const both = 'export * from "./viva-widget.js"; export * from "./viva-shared.js"'
  const whole = await bundled({stdin: {contents: both}, format: 'esm', plugins: [joined]})
  const more = parts.get('./viva-more.js').replaceAll('"./viva-shared.js"', '"./viva-widget.js"')
  const notice = '/* with lit-html, BSD-3-Clause: licenses.txt */\n'
  return {'viva-widget.js': notice + (await flatter(whole)), 'viva-more.js': await flatter(more)}
}

/** A language of the interface, as a module. */
async function language(file) {
  return `export default ${JSON.stringify(JSON.parse(await readFile(join(HERE, LANGUAGES, file), 'utf8')))};\n`
}

/**
 * Every file as text by its name. The same sources give the same bytes.
 *
 * @returns {Promise<Record<string, string>>}
 */
export async function make() {
  // the same text does as a file, for a blob and for a data address: nothing is imported
  const audio = script('sdk/src/worklets/index.ts', 'iife')
  const worker = script('sdk/src/worker/main.ts', 'esm')
  const inline = Promise.all([audio, worker]).then((code) => code.map((text) => JSON.stringify(text)))
  const languages = (await readdir(join(HERE, LANGUAGES))).map((file) => [
    `viva-lang-${basename(file, '.json')}.js`,
    language(file),
  ])
  const made = {
    'embed.js': script('widget/src/embed.ts', 'iife'),
    'viva-help.js': script('widget/src/help/index.ts', 'esm'),
    ...Object.fromEntries(languages),
    'viva.js': script('sdk/src/index.ts', 'esm'),
    'viva-audio.js': audio,
    'viva-worker.js': worker,
    'viva-inline.js': inline.then(([first, second]) => `export const audio=${first};export const worker=${second};\n`),
    'viva-extras.js': script('sdk/src/session/extras_file.ts', 'esm'),
    'talk.js': script('widget/src/page/talk.ts', 'esm'),
    'talk.css': bundled({entryPoints: ['widget/src/page/talk.css'], loader: {'.css': 'css'}}),
    'licenses.txt': licenses(),
  }
  const [parts, ...texts] = await Promise.all([widget(), ...Object.values(made)])
  return {...parts, ...Object.fromEntries(Object.keys(made).map((name, index) => [name, texts[index]]))}
}
