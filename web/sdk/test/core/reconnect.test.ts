import fc from 'fast-check'
import {expect, test} from 'vitest'
import {
  CLOSE_BUSY,
  CLOSE_FAILED,
  CLOSE_GOING_AWAY,
  CLOSE_NO_HELLO,
  CLOSE_NORMAL,
  CLOSE_NOT_AUTHORISED,
  CLOSE_PROTOCOL,
  CLOSE_REPLACED,
  CLOSE_SLOW_PEER,
  CLOSE_TOO_BIG,
} from '../../src/core/protocol.ts'
import {outcomeOf, PATIENCE_S, waitBefore} from '../../src/core/reconnect.ts'

const chance = fc.double({min: 0, max: 1, noNaN: true})

test('the first attempt is made at once, the others at half to one and a half of a doubling time', () => {
  fc.assert(
    fc.property(chance, fc.integer({min: 2, max: 60}), (drawn, attempt) => {
      expect(waitBefore(1, drawn)).toBe(0)
      const base = Math.min(8, 0.5 * 2 ** (attempt - 2))
      expect(waitBefore(attempt, drawn)).toBeGreaterThanOrEqual(base * 0.5)
      expect(waitBefore(attempt, drawn)).toBeLessThan(base * 1.5)
    }),
  )
})

test('two pages that lost the same server come back at different moments', () => {
  const waits = (drawn: number) => [2, 3, 4].map((attempt) => waitBefore(attempt, drawn))
  expect(waits(0.1)).not.toEqual(waits(0.6))
})

test('a line gets a dozen attempts before it is given up', () => {
  fc.assert(
    fc.property(chance, (drawn) => {
      let attempts = 0
      for (let at = 0; at < PATIENCE_S; at += waitBefore(attempts + 1, drawn)) attempts++
      expect(attempts).toBeGreaterThanOrEqual(12)
    }),
  )
})

test.each([
  [CLOSE_NORMAL, 'ended', 'ended'],
  [CLOSE_GOING_AWAY, 'again', 'again'],
  [1006, 'again', 'again'],
  [1011, 'again', 'again'],
  [1012, 'again', 'again'],
  [1013, 'again', 'again'],
  [CLOSE_TOO_BIG, 'protocol', 'protocol'],
  [CLOSE_PROTOCOL, 'protocol', 'protocol'],
  [CLOSE_NOT_AUTHORISED, 'ticket_expired', 'call_gone'],
  [CLOSE_NO_HELLO, 'no_hello', 'again'],
  [CLOSE_REPLACED, 'replaced', 'replaced'],
  [CLOSE_BUSY, 'busy', 'again'],
  [CLOSE_SLOW_PEER, 'slow_peer', 'slow_peer'],
  [CLOSE_FAILED, 'failed', 'failed'],
])('close code %i means %s before the call and %s in it', (code, before, within) => {
  expect(outcomeOf(code, false)).toBe(before)
  expect(outcomeOf(code, true)).toBe(within)
})
