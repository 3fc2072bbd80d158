import {expect, test} from 'vitest'
import {HELD_MS, Hold} from '../../src/parts/hold.ts'

function pressing() {
  const heard: boolean[] = []
  let on = false
  const hold = new Hold((now) => {
    on = now
    heard.push(now)
  })
  return {hold, heard, down: (at: number) => hold.down(on, at)}
}

test('who holds is heard until they let go', () => {
  const {hold, heard, down} = pressing()
  down(1000)
  hold.up(1000 + HELD_MS)
  expect(heard).toEqual([true, false])
})

test('a short press stays on until the next one, which does not begin anew', () => {
  const {hold, heard, down} = pressing()
  down(1000)
  hold.up(1000 + HELD_MS - 1)
  expect(heard).toEqual([true])
  down(5000)
  hold.up(5000 + HELD_MS * 2)
  expect(heard).toEqual([true, false])
})

test('a finger that was taken away by the system holds nothing', () => {
  const {hold, heard, down} = pressing()
  down(1000)
  hold.lost()
  expect(heard).toEqual([true, false])
  hold.up(9000)
  expect(heard).toEqual([true, false])
})

test('the focus that leaves a button which stays on leaves it on', () => {
  const {hold, heard, down} = pressing()
  down(1000)
  hold.up(1001)
  hold.lost()
  expect(heard).toEqual([true])
})
