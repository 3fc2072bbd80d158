import fc from 'fast-check'
import {expect, test} from 'vitest'
import {choose, directionOf, LANGUAGES, ownName} from '../../src/words/choosing.ts'

test.each([
  [['de'], 'de'],
  [['DE-at'], 'de'],
  [['pt_BR'], 'pt'],
  [['zh-Hant-TW'], 'zh'],
  [['iw'], 'he'],
  [['in-ID'], 'id'],
  [['fil'], 'en'],
  [['nb', 'sv', 'da'], 'da'],
  [['', '  ', 'x-klingon', 'not a tag', 'fr-CA'], 'fr'],
  [['en-GB', 'de'], 'en'],
  [[], 'en'],
])('of %j one gets %s', (wanted, expected) => {
  expect(choose(wanted)).toBe(expected)
})

test('whatever is wanted, one of ours comes of it', () => {
  fc.assert(fc.property(fc.array(fc.string()), (wanted) => LANGUAGES.includes(choose(wanted))))
})

test('Arabic, Persian and Hebrew are written from the right', () => {
  expect(LANGUAGES.filter((language) => directionOf(language) === 'rtl')).toEqual(['ar', 'fa', 'he'])
  expect(directionOf('fa-AF')).toBe('rtl')
  expect(directionOf('no tag at all')).toBe('ltr')
})

test('each language is listed by the name that it calls itself', () => {
  expect(['de', 'es', 'ja', 'ar', 'tr'].map((language) => ownName(language as 'de'))).toEqual([
    'Deutsch',
    'Español',
    '日本語',
    'العربية',
    'Türkçe',
  ])
})
