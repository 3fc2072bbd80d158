import {expect, test} from 'vitest'
import {fresh, heard, isDead, looked, SILENT_S} from '../../src/worker/stall.ts'

test('who was frozen begins to judge anew', () => {
  let watch = looked(fresh(0), 1_000, 1)
  watch = looked(watch, 1_000, 60)
  expect(isDead(watch, 60)).toBe(false)
  for (let now = 61; now <= 64; now++) watch = looked(watch, 1_000, now)
  expect(isDead(watch, 64)).toBe(false)
  expect(isDead(looked(watch, 1_000, 65), 65)).toBe(true)
})

test('a link on which nothing comes is dead, however well it takes', () => {
  let watch = fresh(0)
  for (let now = 1; now < SILENT_S; now++) watch = looked(watch, 0, now)
  expect(isDead(watch, SILENT_S - 1)).toBe(false)
  expect(isDead(watch, SILENT_S)).toBe(true)
  expect(isDead(heard(watch, SILENT_S - 1), SILENT_S)).toBe(false)
})
