// Whatever a model, a caller, a tool or an agent file writes is words: every text of every screen says markup here.

import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest'
import type {View} from '../../../sdk/src/index.ts'
import {STATES, viewOf} from '../gallery/states.ts'
import {Conversation} from './conversation_lab.ts'

const MARKUP = '"\'></b><img src=x onerror="document.title=\'taken\'"><a href="javascript:alert(1)">{title}</a>\u202e'
/** Names of what is written by others; everything else is a word of ours. */
const WRITTEN = new Set(['title', 'text', 'name', 'role', 'objective', 'value', 'label', 'what', 'word', 'unit'])

let lab: Conversation

beforeAll(async () => {
  lab = await Conversation.open()
})

beforeEach(() => {
  lab.refused.length = 0
})

afterAll(() => lab?.close())

function written(value: unknown, isWritten = false): unknown {
  if (typeof value === 'string') return isWritten ? MARKUP : value
  if (Array.isArray(value)) return value.map((each) => written(each, isWritten))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      written(each, isWritten || WRITTEN.has(name) || name === 'data'),
    ]),
  )
}

/** What of markup has come to life. */
function alive(): Promise<string[]> {
  return lab.page.evaluate(() => {
    const inside = [...(document.querySelector('main')?.shadowRoot?.querySelectorAll('*') ?? [])]
    const known = /^(https?|blob):/
    return [
      ...inside.filter((each) => /^(img|script|iframe|object|embed|style|link|base)$/.test(each.localName)),
      ...inside.filter((each) => [...each.attributes].some(({name}) => name.startsWith('on'))),
      ...inside.filter((each) => each instanceof HTMLAnchorElement && !known.test(each.href)),
    ].map(({outerHTML}) => outerHTML.slice(0, 200))
  })
}

test('every text of every screen that others write', async () => {
  for (const [name, state] of Object.entries(STATES)) {
    await lab.show(name, written(viewOf(state)) as View)
    expect(await alive(), name).toEqual([])
    expect(await lab.page.locator('.viva *').count(), `${name} is not blank`).toBeGreaterThan(3)
  }
  expect(await lab.page.title()).toBe('Talk')
  expect(lab.refused).toEqual([])
})

const deep = (levels: number): unknown => Array.from({length: levels}).reduce<unknown>((inner) => [inner], 'end')

test.each([
  ['lists in lists', deep(50)],
  ['names that every object has', {rows: [{__proto__: 1, constructor: 'x', toString: 'y', label: 'z'}]}],
  ['rows that are none', {rows: [null, [], {}, 7, [[[]]], {label: {}}, {label: null, value: 'x', unit: 'EUR'}]}],
  [
    'a unit that is no currency',
    {
      rows: [
        {label: 'a', value: 1, unit: 'ZZZ'},
        {label: 'b', value: 1e308, unit: '%'},
      ],
    },
  ],
  ['an address with a name in it', {url: 'https://bank.example@evil.example/', label: 'bank.example'}],
  ['an address that is a script', {url: 'javascript:alert(1)', label: 'Press me'}],
  ['a long word', 'x'.repeat(100_000)],
])('what is shown may be anything: %s', async (_, data) => {
  await lab.show('talk-open', {shown: [{what: 'table', title: '', data}]})
  await lab.page.locator('.exhibit').waitFor()
  await lab.page.getByRole('button', {name: 'End the talk'}).waitFor()
  expect(await alive()).toEqual([])
  expect(lab.refused).toEqual([])
})
