// The npm package in a project that has nothing else.

import {readdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {blocksOf} from './guide.ts'
import {Shop} from './shop.ts'

const ENTRIES = ['vivavoce', 'vivavoce/core', 'vivavoce/audio', 'vivavoce/widget', 'vivavoce/react', 'vivavoce/types']
const INSTALLED = 'node_modules/vivavoce'
/** Uses every entry; `@ts-expect-error` shows that the types are not `any`. */
const USER = `
import {createCall, type View} from 'vivavoce'
import {Resampler} from 'vivavoce/audio'
import {decodeGateway, initial, step} from 'vivavoce/core'
import {useCall, useView, VivaVoce} from 'vivavoce/react'
import type {CallOptions, Card, VoiceCall} from 'vivavoce/types'
import {define} from 'vivavoce/widget'

const options: CallOptions = {agent: 'founder'}
export const call: VoiceCall = createCall(options)
export const screen: View['screen'] = step(initial, {kind: 'began', mode: 'text'}).screen
export const title = (card: Card): string => card.title
export const parts = [Resampler, decodeGateway, define]

export function Page() {
  const held = useCall({agent: 'founder'})
  const lines: number = useView(held, (view) => view.captions.length)
  return <VivaVoce agent="founder" shape="inline" onEnded={(reason: string) => parts.push(reason as never)} key={lines} />
}
// @ts-expect-error
createCall({agnet: 'founder'})
// @ts-expect-error
export const wrong = <VivaVoce agent="founder" shape="round" />
// @ts-expect-error
export const none: string = step(initial, {kind: 'began', mode: 'text'})
`
const TYPED = {strict: true, noEmit: true, target: 'es2022', jsx: 'react-jsx', types: [], skipLibCheck: false}

let shop: Shop

beforeAll(async () => {
  shop = await Shop.open(['react', 'react-dom', 'scheduler', '@types/react', 'csstype'])
}, 120_000)

afterAll(() => shop?.close())

test('it holds what is used and nothing else', async () => {
  const files = await readdir(join(shop.folder, INSTALLED), {recursive: true, withFileTypes: true})
  const names = files.filter((file) => file.isFile()).map(({name}) => name)
  expect(names.filter((name) => !/\.(js|d\.ts|json|md|txt)$|^LICENSE$/.test(name))).toEqual([])
  expect(names.filter((name) => /test|spec|gallery/.test(name))).toEqual([])
  for (const {parentPath, name} of files.filter((file) => file.name.endsWith('.js'))) {
    expect(await shop.read(join(parentPath, name).slice(shop.folder.length))).not.toContain('sourceMappingURL')
  }
  const {dependencies, peerDependenciesMeta, sideEffects} = JSON.parse(await shop.read(`${INSTALLED}/package.json`))
  expect({dependencies, peerDependenciesMeta, sideEffects}).toEqual({
    dependencies: undefined,
    peerDependenciesMeta: {react: {optional: true}},
    sideEffects: false,
  })
  expect(await shop.read(`${INSTALLED}/react.js`)).toMatch(/^'use client'\n/)
  expect(await shop.read(`${INSTALLED}/licenses.txt`)).toContain('Redistributions in binary form must reproduce')
})

test('every file of types stands beside those it imports, and none imports what is not installed', async () => {
  const folder = `${INSTALLED}/types`
  const found = await readdir(join(shop.folder, folder), {recursive: true})
  const missing: string[] = []
  for (const path of found.filter((name) => name.endsWith('.d.ts'))) {
    const text = await shop.read(join(folder, path))
    for (const [, from = ''] of text.matchAll(/(?:from |import\()'([^']+)'/g)) {
      const file = join(dirname(path), from.replace(/\.js$/, '.d.ts'))
      if (from.startsWith('.') ? !found.includes(file) : from !== 'react') missing.push(`${path}: ${from}`)
    }
  }
  expect(missing).toEqual([])
})

test('Node imports every entry: nothing is done, and nothing keeps it running', async () => {
  const code = `
const before = Object.getOwnPropertyNames(globalThis).join()
const names = ${JSON.stringify(ENTRIES)}
const found = Object.fromEntries(await Promise.all(names.map(async (name) => [name, Object.keys(await import(name))])))
console.log(JSON.stringify({...found, changed: before !== Object.getOwnPropertyNames(globalThis).join()}))`
  expect(await shop.node(code)).toMatchObject({
    vivavoce: ['createCall', 'resumable'],
    'vivavoce/widget': ['define'],
    'vivavoce/react': ['VivaVoce', 'useCall', 'useView'],
    'vivavoce/types': [],
    changed: false,
  })
})

test('without React all but its own entry can be imported', async () => {
  const plain = await Shop.open([], shop.tarball)
  try {
    const code = `
const found = {}
for (const name of ${JSON.stringify(ENTRIES)}) found[name] = await import(name).then(() => '', ({code}) => code)
console.log(JSON.stringify(found))`
    const there = Object.fromEntries(ENTRIES.map((name) => [name, '']))
    expect(await plain.node(code)).toEqual({...there, 'vivavoce/react': 'ERR_MODULE_NOT_FOUND'})
  } finally {
    await plain.close()
  }
}, 60_000)

test('React renders on the server: the element, and the screen before the start', async () => {
  const code = `
import {createElement} from 'react'
import {renderToString} from 'react-dom/server'
import {useCall, useView, VivaVoce} from 'vivavoce/react'
const Screen = () => createElement('p', null, useView(useCall({agent: 'founder'}), (view) => view.screen))
const page = createElement('main', null, createElement(VivaVoce, {agent: 'founder', className: 'help'}), createElement(Screen))
console.log(JSON.stringify(renderToString(page)))`
  expect(await shop.node(code)).toBe('<main><viva-voce class="help"></viva-voce><p>start</p></main>')
})

test('the examples of the reference do what it says', async () => {
  const blocks = (await blocksOf('reference/npm-package.md')).filter(({kind}) => kind === 'jsx')
  expect(blocks).toHaveLength(2)
  for (const {text} of blocks) {
    const [, name] = /export function (\w+)/.exec(text) ?? []
    const code = `${text}
import {renderToString} from 'react-dom/server'
console.log(JSON.stringify(renderToString(<${name} />)))`
    const page = await shop.node(await shop.bundle(code, '--packages=external'))
    expect(page).toBe(name === 'Help' ? '<viva-voce></viva-voce>' : '<button>Talk</button>')
  }
})

test('a bundler takes what is used: nothing of an import for its own sake, no widget with the sound path', async () => {
  expect(await shop.bundle(ENTRIES.map((name) => `import '${name}'`).join('\n'))).toBe('')
  const audio = await shop.bundle(`import {Meter} from 'vivavoce/audio'\nconsole.log(new Meter(16000))`)
  expect(audio.length).toBeLessThan(3000)
  const sdk = await shop.bundle(`import {createCall} from 'vivavoce'\nconsole.log(createCall({agent: 'founder'}).view)`)
  expect(sdk).not.toContain('viva-voce')
  expect(sdk.length).toBeLessThan(60_000)
})

test('the widget comes in a file of its own, after a tap', async () => {
  const code = `import {define} from 'vivavoce/widget'\ndefine('https://talk.example')`
  await shop.bundle(code, '--splitting', '--outdir=built')
  const entry = await shop.read('built/entry.js')
  expect(entry).toContain('viva-voce')
  expect(entry.length).toBeLessThan(12_000)
  expect(entry).toMatch(/import\("\.\/widget-[\w-]+\.js"\)/)
})

test.each([
  ['bundler', {module: 'esnext', moduleResolution: 'bundler'}],
  ['nodenext', {module: 'nodenext', moduleResolution: 'nodenext'}],
])(
  'TypeScript finds the types, checked to the last: %s',
  async (_, resolution) => {
    const options = {...TYPED, ...resolution, lib: ['es2022', 'dom', 'dom.iterable']}
    await shop.write('tsconfig.json', JSON.stringify({compilerOptions: options, files: ['user.tsx']}))
    await shop.write('user.tsx', USER)
    await shop.run('tsc', '-p', '.')
  },
  60_000,
)
