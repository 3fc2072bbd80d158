import {expect, test} from 'vitest'
import {ANSWER_WITHIN_S, doubt, hear, nothingHeard, pass} from '../../src/core/replies.ts'
import type {LineEffect} from '../../src/core/signals.ts'

const sent = (out: LineEffect[]) => out.flatMap((effect) => (effect.kind === 'to_playback' ? [effect.message] : []))

test('a hold of our own outlives its reply, and is let go of all the same', () => {
  const out: LineEffect[] = []
  let replies = pass(nothingHeard, {kind: 'chunk', reply: 1, position: 0, pcm: new ArrayBuffer(2)}, out)
  replies = doubt(replies, 1, 10)
  replies = hear(replies, {kind: 'finished', reply: 1, samples: 1, at: 0})
  expect(replies.resumeBy, 'the processor holds what comes next').toBe(10 + ANSWER_WITHIN_S)
  replies = pass(replies, {kind: 'resume', reply: 1}, out)
  expect(sent(out).at(-1)).toEqual({kind: 'resume', reply: 1})
  expect(replies).toMatchObject({held: 0, resumeBy: null, over: 1})
})

test('nothing else of a reply that is over goes on', () => {
  const out: LineEffect[] = []
  const replies = pass(nothingHeard, {kind: 'cut', reply: 3}, out)
  for (const kind of ['hold', 'cut'] as const) pass(replies, {kind, reply: 3}, out)
  pass(replies, {kind: 'done', reply: 2, samples: 5}, out)
  expect(sent(out)).toEqual([{kind: 'cut', reply: 3}])
})
