// What comes of asking for an agent's card: the card, or why there is none.

import {expect, test} from 'vitest'
import {askedCard, readCard} from '../../src/asked_card.ts'
import {CARD} from '../gallery/states.ts'

const asked = (answer: Promise<Response>) => askedCard(answer, 'https://talk.example', 'ann', '')

test('a card is what the server says', async () => {
  expect(await asked(Promise.resolve(Response.json(CARD)))).toEqual(CARD)
})

test.each([
  [404, 'not_found'],
  [401, 'refused'],
  [403, 'refused'],
  [429, 'unreachable'],
  [500, 'unreachable'],
])('status %i means %s', async (status, trouble) => {
  expect(await asked(Promise.resolve(new Response('{}', {status})))).toBe(trouble)
})

test('no answer, or one that is no card, is a server that cannot be reached', async () => {
  expect(await asked(Promise.reject(new TypeError('Failed to fetch')))).toBe('unreachable')
  expect(await asked(Promise.resolve(new Response('<html>')))).toBe('unreachable')
  expect(await asked(Promise.resolve(Response.json({hello: 'you'})))).toBe('unreachable')
})

test('a card that a page carries along is read; what is none counts for nothing', () => {
  expect(readCard(JSON.stringify(CARD))).toEqual(CARD)
  for (const text of ['', '{', 'null', '[]', '{"agent": "ann"}']) expect(readCard(text)).toBeNull()
})
