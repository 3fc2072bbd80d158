import {expect, test} from 'vitest'
import {Room} from '../../src/worklets/room.ts'

test('the microphone clock counts 16,000 a second at any rate, through whatever happens', () => {
  for (const rate of [8000, 44_100, 48_000, 96_000]) {
    const room = new Room(rate)
    expect(room.at(0)).toBe(0)
    expect(room.at(rate * 3600)).toBe(16_000 * 3600)
  }
  expect(new Room(44_100).at(128)).toBe(46)
})
