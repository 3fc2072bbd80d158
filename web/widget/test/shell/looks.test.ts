// The colours: what is read can be read, what is pressed can be seen, by day and by night.

import {readFileSync} from 'node:fs'
import {resolve} from 'node:path'
import {expect, test} from 'vitest'
import {ownSizes} from '../../src/looks/sheets.ts'

const LOOKS = resolve(import.meta.dirname, '../../src/looks')

function tokens(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(resolve(LOOKS, file), 'utf8')
  const found = [...text.matchAll(/--([\w-]+): (?:var\(--viva-[\w-]+, )?(#[\da-f]{6})\)?;/g)]
  return new Map(found.map(([, name = '', value = '']) => [name, value]))
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

const GROUNDS = ['paper', 'card', 'wash']
const READ = ['ink', 'soft', 'accent', 'good', 'warn', 'bad', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6']
const ON: readonly (readonly [string, string])[] = [
  ['on-accent', 'accent'],
  ['on-bad', 'bad'],
]

test.each(['tokens.css', 'dark.css'])('contrasts of %s', (file) => {
  const found = tokens(file)
  const of = (one: string, other: string) => contrast(found.get(one) ?? '#777777', found.get(other) ?? '#777777')
  const pairs = [...READ.flatMap((one) => GROUNDS.map((ground) => [one, ground] as const)), ...ON]
  for (const [one, ground] of pairs) expect(of(one, ground), `${one} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  for (const ground of ['paper', 'card']) expect(of('edge', ground), `edge on ${ground}`).toBeGreaterThanOrEqual(3)
})

test('the night has every colour of the day', () => {
  expect([...tokens('dark.css').keys()].sort()).toEqual([...tokens('tokens.css').keys()].sort())
})

test('sizes are the reader’s own, whatever the page says a rem is; conditions stay as they are', () => {
  const text = '@media (min-width:60rem){.a{padding:.25rem 1rem}}.b{margin:calc(2rem + 1px)}'
  expect(ownSizes(text)).toBe(
    '@media (min-width:60rem){.a{padding:calc(.25*var(--rem)) calc(1*var(--rem))}}.b{margin:calc(calc(2*var(--rem)) + 1px)}',
  )
})
