import {expect, test} from 'vitest'
import {book, isTicket} from '../../src/session/booking.ts'
import {HandClock, settled} from './time.ts'

const answering =
  (status: number, body: unknown): typeof fetch =>
  async () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), {status})

const SERVER = 'https://talk.example'
const booked = (ask: typeof fetch) => book(SERVER, {agent: 'founder'}, new HandClock(), ask)

test('asks for a call with the agent and gets leave to open its socket', async () => {
  const asked: [unknown, RequestInit | undefined][] = []
  const got = await booked(async (url, request) => {
    asked.push([url, request])
    return Response.json({call: '0f', ticket: 'T-1_2', socket: '/api/v1/talk', expires_in_s: 60}, {status: 201})
  })
  expect(asked).toMatchObject([['https://talk.example/api/v1/calls', {method: 'POST', body: '{"agent":"founder"}'}]])
  expect(got).toEqual({kind: 'booked', ticket: 'T-1_2', url: 'wss://talk.example/api/v1/talk', expiresInS: 60})
})

test('a framed page shows the pass that its frame came with', async () => {
  let body: unknown
  const ask: typeof fetch = async (_, request) => {
    body = request?.body
    return Response.json({ticket: 'T'}, {status: 201})
  }
  await book(SERVER, {agent: 'founder', pass: 'P'}, new HandClock(), ask)
  expect(body).toBe('{"agent":"founder","pass":"P"}')
})

test.each([
  [401, 'refused'],
  [403, 'refused'],
  [404, 'not_found'],
  [429, 'busy'],
  [503, 'busy'],
  [500, 'unreachable'],
  [422, 'unreachable'],
] as const)('%i means %s', async (status, trouble) => {
  expect(await booked(answering(status, {error: 'want something else'}))).toEqual({kind: 'not_booked', trouble})
})

test.each([
  ['no ticket', {call: '0f'}],
  ['a ticket that no socket could be made with', {ticket: 'two words'}],
  ['nothing', null],
  ['a list', []],
])('an answer with %s is none', async (_, body) => {
  expect(await booked(answering(201, body))).toEqual({kind: 'not_booked', trouble: 'unreachable'})
})

test('no network, no CORS, no JSON and no answer in time are all unreachable', async () => {
  const failing = async () => {
    throw new TypeError('Failed to fetch')
  }
  expect(await booked(failing)).toEqual({kind: 'not_booked', trouble: 'unreachable'})
  expect(await booked(answering(201, '<html>'))).toEqual({kind: 'not_booked', trouble: 'unreachable'})

  const clock = new HandClock()
  let signal: AbortSignal | null | undefined
  const slow = book(SERVER, {agent: 'founder'}, clock, (_, request) => {
    signal = request?.signal
    return new Promise(() => {})
  })
  await settled()
  clock.turn(10)
  expect(await slow).toEqual({kind: 'not_booked', trouble: 'unreachable'})
  expect(signal?.aborted).toBe(true)
})

test('a ticket is a token of HTTP', () => {
  expect(['a', 'A-z_0~.9'].map(isTicket)).toEqual([true, true])
  expect(['', 'a b', 'a,b', 'a'.repeat(201), 7, null].map(isTicket)).toEqual(Array(6).fill(false))
})
