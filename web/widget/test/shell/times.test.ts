// Lengths of time, as each language says them.

import {expect, test} from 'vitest'
import {lasting, listed} from '../../src/words/times.ts'

test('one and many, in any language; less than a day in hours', () => {
  expect(lasting(1, 'day', 'en')).toBe('1 day')
  expect(lasting(30, 'day', 'en')).toBe('30 days')
  expect(lasting(2, 'day', 'de')).toBe('2 Tage')
  expect(lasting(0.5, 'day', 'en')).toBe('12 hours')
  expect(lasting(12, 'second', 'pl')).toBe('12 sekund')
})

test('what is counted is never told as less', () => {
  expect(lasting(1.2, 'minute', 'en')).toBe('2 minutes')
})

test('some things are one sentence', () => {
  expect(listed(['sound: 1 day', 'words: 2 days'], 'en')).toBe('sound: 1 day, words: 2 days')
  // as units of one measure these would stand side by side without a comma
  expect(listed(['звук: 1 день', 'слова: 2 дня', 'заметки: 3 дня'], 'ru')).toBe(
    'звук: 1 день, слова: 2 дня, заметки: 3 дня',
  )
})
