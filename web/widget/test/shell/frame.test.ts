// What a frame of ours takes from the page around it: three wishes, and nothing of all else that pages post.

import fc from 'fast-check'
import {expect, test} from 'vitest'
import {heard, told} from '../../src/page/frame.ts'

test('three wishes are understood', () => {
  for (const kind of ['open', 'close', 'end']) expect(heard({source: 'vivavoce', kind})).toBe(kind)
})

test('whatever else is posted is none', () => {
  const others = [
    null,
    undefined,
    'open',
    7,
    [],
    {kind: 'open'},
    {source: 'vivavoce'},
    {source: 'vivavoce', kind: 'erase'},
  ]
  for (const data of others) expect(heard(data)).toBeNull()
  fc.assert(fc.property(fc.anything(), (data) => heard(data) === null))
})

test('what is told bears our name, whatever comes along', () => {
  expect(told('screen', {screen: 'talk', source: 'other', kind: 'other'})).toEqual({
    source: 'vivavoce',
    kind: 'screen',
    screen: 'talk',
  })
})
