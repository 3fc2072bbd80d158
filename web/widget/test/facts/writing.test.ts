import {describe, expect, it} from 'vitest'
import {fieldType} from '../../src/parts/editors/fieldtype.ts'
import {moment, shown, typed} from '../../src/parts/editors/writing.ts'

/** Spaces of every width as one. */
const plain = (text: string) => text.replace(/\s/gu, ' ')
const shownAs = (type: string, value: unknown, lang: string) => plain(shown(fieldType(type), value, lang))

describe('a value for reading', () => {
  it.each([
    ['number', 1234.5, 'en', '1,234.5'],
    ['number', 1234.5, 'de', '1.234,5'],
    ['percent', 40, 'en', '40%'],
    ['percent', 12.5, 'de', '12,5 %'],
    ['0..10', 8, 'en', '8 / 10'],
    ['money', {amount: 300, currency: 'USD'}, 'en', '$300'],
    ['money', {amount: 79.5, currency: 'EUR'}, 'de', '79,50 €'],
    ['money', {amount: 79, currency: 'worse than that'}, 'en', '79 worse than that'],
    ['money', 'no amount', 'en', 'no amount'],
    ['date', '2026-03-05', 'en', 'March 5, 2026'],
    ['date', '2026-03', 'de', 'März 2026'],
    ['date', 'soon', 'en', 'soon'],
    ['now|this_quarter', 'this_quarter', 'en', 'This quarter'],
    ['list<text>', ['Acme', 'Globex'], 'en', 'Acme, Globex'],
    ['list<money>', [{amount: 5, currency: 'USD'}], 'en', '$5'],
    ['text', '<b>bold</b>', 'en', '<b>bold</b>'],
    ['text', {a: 1, b: 'two'}, 'en', '1 two'],
    ['text', true, 'en', 'true'],
  ])('as %s: %j in %s', (type, value, lang, text) => expect(shownAs(type, value, lang)).toBe(text))

  it('is nothing in the editor when nothing is noted', () => {
    expect(typed(fieldType('number'), null, 'en')).toBe('')
    expect(typed(fieldType('money'), undefined, 'en')).toBe('')
  })

  it('has a moment of the call', () => {
    expect(moment(0, 'en')).toBe('0:00')
    expect(moment(134_900, 'en')).toBe('2:14')
    expect(moment(4_000_000, 'en')).toBe('66:40')
    expect(moment(134_000, 'fa')).toBe('۲:۱۴')
    expect(moment(-5, 'en')).toBe('0:00')
  })
})
