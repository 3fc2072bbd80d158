import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {fieldType} from '../../src/parts/editors/fieldtype.ts'
import {read} from '../../src/parts/editors/reading.ts'
import {typed} from '../../src/parts/editors/writing.ts'
import {english} from '../../src/words/en.ts'
import TYPED from './typed.json'

const LANGUAGES = ['en', 'de', 'fr', 'ar', 'fa', 'hi', 'ja', 'de-CH']
const readAs = (type: string, text: string, lang = 'en') => read(fieldType(type), text, english, lang)

describe('what is typed', () => {
  // the server holds the same table: tests/agents/test_typed_values.py
  it.each(TYPED)('as $type: $typed', ({type, typed: text, lang, value}) => {
    expect(readAs(type, text, lang)).toEqual({value})
  })

  it.each(TYPED)('comes out of its editor as it went in, in any language: $type', ({type, value}) => {
    for (const lang of LANGUAGES) expect(readAs(type, typed(fieldType(type), value, lang), lang), lang).toEqual({value})
  })

  it.each([
    ['number', 'a few', 'Please write a number, such as 40.'],
    ['number', '1.2.5', 'Please write a number, such as 40.'],
    ['number', '1,2,3', 'Please write a number, such as 40.'],
    ['number', '5-6', 'Please write a number, such as 40.'],
    ['number', '9'.repeat(16), 'Please write a number, such as 40.'],
    ['number', '12.', 'Please write a number, such as 40.'],
    ['0..10', '11', 'Please write a number from 0 to 10.'],
    ['0..10', '-1', 'Please write a number from 0 to 10.'],
    ['money', 'EUR', 'Please write an amount, such as $300.'],
    ['money', '300 euros', 'Please write an amount, such as $300.'],
    ['date', '2026-02-31', 'Please give a date with its year.'],
    ['date', '2026-13', 'Please give a date with its year.'],
    ['date', '0000-01-01', 'Please give a date with its year.'],
    ['date', '5 March', 'Please give a date with its year.'],
    ['date', '', 'Please give a date with its year.'],
    ['email', 'dana@', 'Please write an e-mail address, such as name@example.com.'],
    ['email', 'dana@acme', 'Please write an e-mail address, such as name@example.com.'],
    ['email', 'da na@acme.com', 'Please write an e-mail address, such as name@example.com.'],
    ['email', '.dana@acme.com', 'Please write an e-mail address, such as name@example.com.'],
    ['email', 'da..na@acme.com', 'Please write an e-mail address, such as name@example.com.'],
    ['email', 'dana.@acme.com', 'Please write an e-mail address, such as name@example.com.'],
    ['phone', '1234', 'Please write a phone number of 5 to 15 digits.'],
    ['phone', '1'.repeat(16), 'Please write a phone number of 5 to 15 digits.'],
    ['phone', '030 CALL ME', 'Please write a phone number of 5 to 15 digits.'],
    ['phone', '030+123456', 'Please write a phone number of 5 to 15 digits.'],
    ['url', 'acme', 'Please write a web address, such as example.com.'],
    ['url', 'javascript://acme.com/%0aalert(1)', 'Please write a web address, such as example.com.'],
    ['url', 'javascript:alert(1)', 'Please write a web address, such as example.com.'],
    ['url', 'https://user@acme.com', 'Please write a web address, such as example.com.'],
    ['now|later', 'never', 'Please choose one of these: now, later.'],
    ['text', ' \n ', 'Please write something.'],
    ['text', 'x'.repeat(4001), 'Please write at most 4000 characters.'],
    ['list<number>', '1\n\ntwo', 'Line 2: Please write a number, such as 40.'],
    ['list<text>', 'x\n'.repeat(101), 'Please write at most 100 lines.'],
  ])('is answered with words when it is no %s (%#)', (type, text, wrong) => {
    expect(readAs(type, text)).toEqual({wrong})
  })
})

describe('anything typed', () => {
  const TYPES = ['text', 'number', 'percent', '-5..5', 'money', 'date', 'email', 'phone', 'url', 'list<money>', 'a|b']
  const near = fc.stringMatching(/^[-+$€a-z0-9.,:/@ \n٣％]{0,24}$/u)

  it('gets a value or words, and a value that the editor would take again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES),
        fc.constantFrom(...LANGUAGES),
        fc.oneof(fc.string({unit: 'binary'}), near),
        (type, lang, text) => {
          const found = readAs(type, text, lang)
          if ('wrong' in found) expect(found.wrong).not.toMatch(/^$|[{}]/)
          else expect(readAs(type, typed(fieldType(type), found.value, lang), lang)).toEqual(found)
        },
      ),
      {numRuns: 2000},
    )
  })
})
