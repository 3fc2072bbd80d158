import {describe, expect, test} from 'vitest'
import {MAX_TYPED_CHARS} from '../../../sdk/src/core/protocol.ts'
import type {View} from '../../../sdk/src/index.ts'
import {readyToSend} from '../../src/parts/composer.ts'
import {amount} from '../../src/parts/exhibits.ts'
import {asText} from '../../src/parts/transcript.ts'
import {screenOf} from './ui.ts'

describe('what can be sent', () => {
  const ready = (draft: string, view: Partial<View> = {screen: 'text'}) => readyToSend(screenOf(view, {draft}).ui)

  test('words, as many as the server takes', () => {
    expect(ready('Eighty.')).toBe('ready')
    expect(ready('x'.repeat(MAX_TYPED_CHARS))).toBe('ready')
    expect(ready(`${'x'.repeat(MAX_TYPED_CHARS)} \n`)).toBe('ready')
  })

  test('not nothing, not too much, not into a line that is down', () => {
    expect(ready(' \n ')).toBe('empty')
    expect(ready('x'.repeat(MAX_TYPED_CHARS + 1))).toBe('long')
    expect(ready('Eighty.', {screen: 'reconnecting'})).toBe('offline')
  })
})

test('a transcript to keep has a head, names and no markup', () => {
  const {ui} = screenOf({
    title: 'Is this worth building?',
    speakers: [{id: 'alex', name: 'Alex', role: ''}],
    captions: [
      {who: 'alex', turn: 1, text: 'What is it?', final: true},
      {who: 'caller', turn: 2, text: 'A <b>ledger</b>.', final: true},
    ],
  })
  expect(asText(ui, Date.UTC(2026, 10, 21, 12))).toBe(
    'Talk with Is this worth building?, November 21, 2026\n\nAlex: What is it?\n\nYou: A <b>ledger</b>.\n',
  )
})

test.each([
  ['en', 7056000, 'EUR', '€7,056,000'],
  ['de', 7056000.5, 'EUR', '7.056.000,5\u00a0€'],
  ['en', 4.256, '%', '4.26%'],
  ['en', 12000, 'buyers', '12,000 buyers'],
  ['en', 3.1, '', '3.1'],
  ['en', 12, 'count', '12'],
])('in %s %d %s is %s', (lang, value, unit, written) => {
  expect(amount(lang, value, unit)).toBe(written)
})
