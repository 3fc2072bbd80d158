import fc from 'fast-check'
import {expect, test} from 'vitest'
import {decodeGateway} from '../../src/core/messages.ts'
import {GATEWAY} from '../../src/core/protocol.ts'

const kinds = Object.keys(GATEWAY)

test('what was left out has its default', () => {
  expect(decodeGateway('{"kind":"welcome","call":"c"}')).toEqual({
    kind: 'welcome',
    call: 'c',
    version: 1,
    title: '',
    speakers: [],
    fields: [],
    consent: '',
    resume: '',
    returned: false,
    at: 0,
    heard: 0,
    taken: 0,
    return_within_s: 0,
    pace: '',
    erase: '',
  })
  const speakers = [{id: 'ann', name: 'Ann'}]
  expect(decodeGateway(JSON.stringify({kind: 'welcome', call: 'c', speakers}))).toMatchObject({
    speakers: [{id: 'ann', name: 'Ann', role: ''}],
  })
})

test('a newer gateway may say more', () => {
  expect(decodeGateway('{"kind":"hold","reply":3,"softly":true}')).toEqual({kind: 'hold', reply: 3})
})

test.each([
  ['no JSON', '{'],
  ['no object', '[1]'],
  ['null', 'null'],
  ['without a kind', '{}'],
  ['of an unknown kind', '{"kind":"sing"}'],
  ['of a kind that every object has', '{"kind":"constructor"}'],
  ['that lacks a field', '{"kind":"hold"}'],
  ['with text for a number', '{"kind":"hold","reply":"3"}'],
  ['with half a reply', '{"kind":"hold","reply":1.5}'],
  ['with less than none', '{"kind":"hold","reply":-1}'],
  ['with a word outside the list', '{"kind":"floor","turn":"sleep"}'],
  ['with a number beyond all', '{"kind":"gate","open":true,"level":1e999}'],
  ['with null for text', '{"kind":"ended","reason":null}'],
  ['with a pair for a triple', '{"kind":"fact","field":"f","state":"answered","evidence":[[1,2]]}'],
  ['with a broken item', '{"kind":"welcome","call":"c","speakers":[{"id":"ann"}]}'],
])('a message %s is none', (_, text) => {
  expect(decodeGateway(text)).toBeNull()
})

test('anything may be said; nothing throws, and what is read is of a kind we know', () => {
  const value = fc.dictionary(
    fc.constantFrom('call', 'reply', 'turn', 'samples', 'evidence', 'speakers', 'at', '__proto__', 'text'),
    fc.jsonValue(),
  )
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.tuple(fc.constantFrom(...kinds, 'other'), value).map(([kind, rest]) => JSON.stringify({...rest, kind})),
  )
  fc.assert(
    fc.property(text, (said) => {
      const message = decodeGateway(said)
      if (message !== null)
        expect(Object.keys(message).sort()).toEqual(['kind', ...Object.keys(GATEWAY[message.kind])].sort())
    }),
    {numRuns: 500},
  )
})
