import fc from 'fast-check'
import {expect, test} from 'vitest'
import {bounded} from '../../src/session/page_context.ts'

test('what a page tells is kept as it is; what is no text, or no name, is left out', () => {
  const page = {'page.url': 'https://shop.example/', 'data.order': '17', '': 'x', n: 3, no: null, ['x'.repeat(65)]: 'y'}
  expect(bounded(page)).toEqual({'page.url': 'https://shop.example/', 'data.order': '17'})
  expect(bounded({n: 3})).toBeUndefined()
  expect(bounded()).toBeUndefined()
})

test('values are cut between characters, not within one', () => {
  const {title} = bounded({title: '🦊'.repeat(600)}) ?? {}
  expect(title).toBe('🦊'.repeat(500))
})

test('more than servers take is left out, the last first', () => {
  const many = Object.fromEntries(Array.from({length: 30}, (_, n) => [`data.n${n}`, 'x']))
  expect(Object.keys(bounded(many) ?? {})).toEqual(Object.keys(many).slice(0, 24))
})

test('whatever a page tells, it fits', () => {
  const context = fc.dictionary(fc.string({maxLength: 80}), fc.oneof(fc.string({maxLength: 1200}), fc.jsonValue()), {
    maxKeys: 40,
  })
  fc.assert(
    fc.property(context, (told) => {
      const kept = Object.entries(bounded(told) ?? {})
      expect(kept.length).toBeLessThanOrEqual(24)
      for (const [name, value] of kept) {
        expect(name.length).toBeLessThanOrEqual(64)
        expect([...value].length).toBeLessThanOrEqual(500)
        expect(String(told[name]).startsWith(value)).toBe(true)
      }
    }),
  )
})
