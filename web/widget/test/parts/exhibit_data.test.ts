import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {exhibitOf, webAddress} from '../../src/parts/exhibit_data.ts'

describe('an address that may be opened', () => {
  test.each(['https://example.com/a?b#c', 'http://example.com/', ' https://example.com/ '])('%s', (url) => {
    expect(webAddress(url)).toMatch(/^https?:\/\/example\.com\//)
  })

  test.each([
    'javascript:alert(1)',
    'JavaScript\n:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'blob:https://example.com/1',
    'file:///etc/passwd',
    'vbscript:x',
    'mailto:a@example.com',
    '//example.com',
    'example.com',
    'https://user:secret@example.com/',
    'https://bank.example@example.com/',
    'https://',
    '',
    null,
    {href: 'javascript:alert(1)'},
  ])('not %j', (url) => {
    expect(webAddress(url)).toBeNull()
  })

  test('nothing but http and https ever, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.tuple(fc.string(), fc.webUrl()).map((two) => two.join(':')),
        ),
        (url) => {
          const got = webAddress(url)
          expect(got === null || /^https?:\/\//.test(got)).toBe(true)
        },
      ),
    )
  })
})

describe('what is shown', () => {
  test('a table', () => {
    const shown = exhibitOf({
      columns: ['Name', 'Price'],
      rows: [
        ['Ledgerly', 49],
        ['A spreadsheet', null],
      ],
    })
    expect(shown).toEqual({
      kind: 'table',
      columns: ['Name', 'Price'],
      rows: [
        ['Ledgerly', 49],
        ['A spreadsheet', null],
      ],
      of: 2,
    })
  })

  test('a table of records names its columns itself', () => {
    const shown = exhibitOf([{name: 'Ledgerly', since: 2019}, {name: 'Closebook'}])
    expect(shown).toEqual({
      kind: 'table',
      columns: ['name', 'since'],
      rows: [
        ['Ledgerly', 2019],
        ['Closebook', null],
      ],
      of: 2,
    })
  })

  test('a large table is bounded, and says how large it was', () => {
    const row = Array.from({length: 200}, () => 'x'.repeat(9000))
    const rows = Array.from({length: 5000}, () => row)
    const shown = exhibitOf({rows})
    if (shown.kind !== 'table') throw new Error(`want a table, got ${shown.kind}`)
    expect(shown.of).toBe(5000)
    expect([shown.rows.length, shown.rows[0]?.length, String(shown.rows[0]?.[0]).length]).toEqual([50, 12, 300])
  })

  test('a sum with what it rests on', () => {
    const shown = exhibitOf({
      rows: [
        {label: 'Buyers', value: 12000, unit: '', source: 'sourced'},
        {label: 'Payback', value: null, unit: 'months', word: 'never', source: 'computed'},
      ],
      notes: ['Rests on your own count.'],
      sources: ['https://example.com/a'],
    })
    expect(shown).toEqual({
      kind: 'sum',
      rows: [
        {label: 'Buyers', value: 12000, word: '', unit: '', source: 'sourced'},
        {label: 'Payback', value: null, word: 'never', unit: 'months', source: 'computed'},
      ],
      notes: ['Rests on your own count.', 'https://example.com/a'],
      of: 2,
    })
  })

  test('a link that may not be opened keeps its words and loses its address', () => {
    expect(exhibitOf({url: 'javascript:alert(1)', label: 'Press me'})).toEqual({
      kind: 'link',
      url: null,
      label: 'Press me',
    })
    expect(exhibitOf('https://example.com/')).toEqual({kind: 'link', url: 'https://example.com/', label: ''})
  })

  test('a long text is cut, and says so', () => {
    const shown = exhibitOf({text: 'word '.repeat(10_000)})
    expect(shown).toMatchObject({kind: 'text', isCut: true})
  })

  test('whatever else has something in it is a table of it', () => {
    expect(exhibitOf({churn: 4, price: {amount: 79, currency: 'EUR'}})).toMatchObject({
      kind: 'table',
      rows: [
        ['churn', 4],
        ['price', '79, EUR'],
      ],
    })
  })

  test.each([null, undefined, '', '  ', {}, [], {rows: []}, {text: ''}, {a: null}])('nothing in %j', (data) => {
    expect(exhibitOf(data)).toEqual({kind: 'nothing'})
  })

  test('anything at all can be read, and stays bounded', () => {
    fc.assert(
      fc.property(fc.anything({withNullPrototype: true, maxDepth: 5}), (data) => {
        const shown = exhibitOf(data)
        expect(JSON.stringify(shown).length).toBeLessThan(1_000_000)
      }),
    )
  })
})
