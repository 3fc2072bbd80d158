import fc from 'fast-check'
import {expect, test} from 'vitest'
import {contextOf, type Page} from '../../src/context/seen.ts'

const page: Page = {url: 'https://shop.example/lamps', title: 'Lamps', lang: 'de', attributes: []}

test('a page is told by address, title and language', () => {
  expect(contextOf(page)).toEqual({
    'page.url': 'https://shop.example/lamps',
    'page.title': 'Lamps',
    'page.lang': 'de',
  })
})

test.each([
  ['https://user:pass@shop.example:8443/a/b?session=1&id=7#part', 'https://shop.example:8443/a/b'],
  ['https://shop.example/a?utm_source=mail&x=1', 'https://shop.example/a?utm_source=mail'],
  ['https://blog.example/how-to-talk-in-2026-1a2b', 'https://blog.example/how-to-talk-in-2026-1a2b'],
  ['https://shop.example/reset/9f8e7d6c5b4a39281706', 'https://shop.example/reset/*'],
  ['https://shop.example/i/0b6d3c52-3f4e-4d8a-9a55-0f1e2d3c4b5a/x', 'https://shop.example/i/*/x'],
  ['https://shop.example/u/anna%40post.example', 'https://shop.example/u/*'],
  ['https://shop.example/100%', 'https://shop.example/100%'],
])('of %s one tells %s', (url, told) => {
  expect(contextOf({...page, url})['page.url']).toBe(told)
})

test.each([
  'file:///home/anna/page.html',
  'about:srcdoc',
  'blob:https://shop.example/1',
  'data:text/html,x',
  '',
  'lamps',
])('%s is no web page, and not told', (url) =>
  expect(contextOf({...page, url})).toEqual({'page.title': 'Lamps', 'page.lang': 'de'}),
)

test('a campaign is told by its parts, without the addresses of people', () => {
  const url = 'https://shop.example/?utm_campaign=spring&utm_term=two%20words&utm_content=anna@post.example&utm_odd=1'
  const told = contextOf({...page, url})
  expect(told['utm.campaign']).toBe('spring')
  expect(told['utm.term']).toBe('two words')
  expect(Object.keys(told).filter((name) => name.startsWith('utm.'))).toEqual(['utm.campaign', 'utm.term'])
  expect(told['page.url']).toBe('https://shop.example/?utm_campaign=spring&utm_term=two+words')
})

test('an author passes in what stands in context-*, under data or a name of their own, never under ours', () => {
  const attributes: Page['attributes'] = [
    ['context-plan', 'pro'],
    ['context-cart.total', '42'],
    ['context-page.url', 'https://elsewhere.example/'],
    ['context-utm.source', 'x'],
    ['context-', 'x'],
    ['context-.x', 'x'],
    ['context-empty', '  '],
    ['agent', 'founder'],
    ['ticket', 'secret'],
    ['data-plan', 'x'],
  ]
  const {'page.url': url, 'page.title': title, 'page.lang': lang, ...rest} = contextOf({...page, attributes})
  expect(rest).toEqual({'data.plan': 'pro', 'cart.total': '42'})
  expect(url).toBe(page.url)
})

test('text is one line without what hides in it or turns it around', () => {
  const title = '  A\n\tB\u0000C \u202Eevil\u2069 \u{e0041}x \uD800 می\u200cخواهم '
  expect(contextOf({...page, title})['page.title']).toBe('A B C evil x می\u200cخواهم')
})

test('long text is cut between characters', () => {
  const told = contextOf({...page, title: `${'a'.repeat(499)}😀`})['page.title']
  expect(told).toBe('a'.repeat(499))
})

const anything = fc.string({unit: 'binary', maxLength: 700})
const name = fc.oneof(anything, fc.stringMatching(/^context-[a-z.-]{0,80}$/))

test('whatever a page is, little is told, of names and values that the protocol takes', () => {
  const pages = fc.record({
    url: fc.oneof(anything, fc.webUrl({withQueryParameters: true, withFragments: true})),
    title: anything,
    lang: anything,
    attributes: fc.array(fc.tuple(name, anything), {maxLength: 60}),
  })
  fc.assert(
    fc.property(pages, (some) => {
      const told = Object.entries(contextOf(some))
      expect(told.length).toBeLessThanOrEqual(24)
      for (const [key, value] of told) {
        expect(key).toMatch(/^[a-z0-9_]+[a-z0-9_.-]*$/)
        expect(key.length).toBeLessThanOrEqual(64)
        expect(value.length).toBeGreaterThan(0)
        expect(value.length).toBeLessThanOrEqual(500)
        expect(value).not.toMatch(/[\p{Cc}\p{Cs}]/u)
        expect(value.trim()).toBe(value)
      }
    }),
  )
})

test('nothing of a query but the campaign, no fragment and nobody who signed in is ever told', () => {
  const part = fc.stringMatching(/^[a-z]{6,12}$/)
  fc.assert(
    fc.property(part, part, part, (secret, user, fragment) => {
      const url = `https://${user}:${secret}1@shop.example/?q=${secret}2&utm_x=${secret}3#${fragment}4`
      expect(contextOf({...page, url})['page.url']).toBe('https://shop.example/')
    }),
  )
})
