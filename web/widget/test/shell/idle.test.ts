// A kiosk asks before it forgets, and forgets.

import {expect, test} from 'vitest'
import {leftAfter, WARNING_S} from '../../src/idle.ts'

test('nothing is said while there is time, then the seconds are counted, then it is over', () => {
  expect(leftAfter(0, 60)).toBeNull()
  expect(leftAfter(60 - WARNING_S - 1, 60)).toBeNull()
  expect(leftAfter(60 - WARNING_S, 60)).toBe(WARNING_S)
  expect(leftAfter(59.2, 60)).toBe(1)
  expect(leftAfter(60, 60)).toBe(0)
  expect(leftAfter(3600, 60)).toBe(0)
})

test('a kiosk with little patience asks for half of it', () => {
  expect(leftAfter(4, 10)).toBeNull()
  expect(leftAfter(5, 10)).toBe(5)
})
