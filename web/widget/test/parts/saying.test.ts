import {expect, test} from 'vitest'
import {beyond} from '../../src/parts/saying.ts'

test.each([
  ['All lines are busy', 'All lines are busy. Please try again in a minute.', 'Please try again in a minute.'],
  ['回線がふさがっています', '回線がふさがっています。1分後にお試しください。', '1分後にお試しください。'],
  ['The microphone is gone', 'The microphone is gone.', 'The microphone is gone.'],
  ['No microphone', 'No microphone was found. Connect one.', 'No microphone was found. Connect one.'],
  ['Something broke', 'Please reload it.', 'Please reload it.'],
  ['Something broke', '', ''],
])('under "%s", "%s" goes on with "%s"', (title, text, rest) => {
  expect(beyond(title, text)).toBe(rest)
})
