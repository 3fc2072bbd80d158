import {expect, test} from 'vitest'
import {english} from '../../src/words/en.ts'
import {fill, told, type Words} from '../../src/words/words.ts'

test('places are filled, and a place that nothing is known of stays as it is', () => {
  expect(fill('{n} of {of}', {n: 0, of: 14})).toBe('0 of 14')
  expect(fill('{name} is here, {other}', {name: '{n} $& <b>'})).toBe('{n} $& <b> is here, {other}')
})

const words: Words = {
  ...english,
  problem_microphone_denied: 'verweigert',
  problem_microphone_denied_system: 'vom System verweigert',
  problem_unreachable: 'nicht erreichbar',
  problem_unreachable_restart: 'seit zwei Minuten nicht erreichbar',
  notice_text_only: 'nur Text',
  end_idle: 'lange nichts gehört',
}

test('what is told comes in the words of the language: for whose doing it was, for what helps, for the code', () => {
  const denied = {code: 'microphone_denied', text: 'denied', action: 'allow_microphone'}
  expect(told(words, 'problem', {...denied, by: 'system'})).toBe('vom System verweigert')
  expect(told(words, 'problem', {...denied, by: 'user'})).toBe('verweigert')
  expect(told(words, 'problem', {...denied, by: ''})).toBe('verweigert')
  expect(told(words, 'problem', {code: 'unreachable', text: '', action: 'restart'})).toBe(
    'seit zwei Minuten nicht erreichbar',
  )
  expect(told(words, 'problem', {code: 'unreachable', text: '', action: 'retry'})).toBe('nicht erreichbar')
  expect(told(words, 'notice', {code: 'text_only', text: 'text only', action: 'type'})).toBe('nur Text')
  expect(told(words, 'end', {reason: 'idle', text: 'not heard'})).toBe('lange nichts gehört')
})

test('what a language has no words for is said as it came', () => {
  expect(told(words, 'notice', {code: 'idle', text: 'A notice', action: ''})).toBe('A notice')
  expect(told(words, 'end', {reason: 'of_tomorrow', text: 'It is over.'})).toBe('It is over.')
  expect(told(english, 'problem', {code: 'constructor', text: 'Odd', by: 'page'})).toBe('Odd')
})
