// What judges the sound of the other tests: it must see a gap that ears would hear.

import {expect, test} from 'vitest'
import {delays, expectWhole, type Levels} from './tap.ts'

/** Something like speech: syllables of uneven length and loudness, with pauses. */
function speech(steps: number): Levels {
  let seed = 1
  const chance = () => {
    seed = (seed * 48_271) % 0x7fffffff
    return seed / 0x7fffffff
  }
  const levels: number[] = []
  while (levels.length < steps) {
    const loud = chance() < 0.2 ? 0 : 0.05 + 0.2 * chance()
    const length = 4 + Math.floor(chance() * 20)
    for (let at = 0; at < length; at++) levels.push(loud * Math.sin((Math.PI * (at + 0.5)) / length))
  }
  return levels.slice(0, steps)
}

const SENT = speech(500)
const quiet = (steps: number): Levels => Array<number>(steps).fill(0)
const judge = (heard: Levels) => () => expectWhole(delays(SENT, heard))

test('late sound is whole sound', () => {
  expect(judge([...quiet(37), ...SENT, ...quiet(50)])).not.toThrow()
})

test.each([
  ['a gap', [...SENT.slice(0, 250), ...quiet(3), ...SENT.slice(250)]],
  ['something left out', [...SENT.slice(0, 250), ...SENT.slice(253)]],
  ['something said twice', [...SENT.slice(0, 250), ...SENT.slice(246)]],
  ['an end that is missing', SENT.slice(0, 430)],
  ['silence', quiet(600)],
])('%s is heard', (_, heard) => {
  expect(judge([...quiet(37), ...heard])).toThrow()
})
