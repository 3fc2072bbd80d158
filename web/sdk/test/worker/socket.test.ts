import {beforeEach, describe, expect, test} from 'vitest'
import {serve} from '../../src/worker/socket.ts'
import {settled} from '../session/time.ts'
import {FakePage, FakePort, FakeWorld} from './world.ts'

const URL_ = 'wss://talk.example/api/v1/talk'
const WELCOME = {kind: 'welcome', call: '0f', resume: 'R1', at: 0}
const REPLY_HEADER = [1, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

let page: FakePage
let world: FakeWorld
let capture: FakePort
let playback: FakePort
let stop: () => void

beforeEach(() => {
  page = new FakePage()
  world = new FakeWorld()
  capture = new FakePort()
  playback = new FakePort()
  stop = serve(page, world)
})

function begin(expiresInS: number | null = null): void {
  page.says({kind: 'connect'}, [capture, playback])
  page.says({kind: 'booked', ticket: 'T', url: URL_, expiresInS})
  page.says({kind: 'start', hello: {mode: 'voice'}, chance: 0.5})
}

function live(): void {
  begin()
  world.newest.onopen?.()
  world.newest.says(WELCOME)
}

function frame(position: number): void {
  capture.says({kind: 'frame', position, pcm: new ArrayBuffer(1024), level: 0.1})
}

test('says that it is ready, and does nothing before it is told to', () => {
  expect(page.heard).toEqual([{kind: 'ready'}])
  expect(world.sockets).toEqual([])
  expect(world.clock.waiting).toBe(0)
})

test('carries a call: hello, microphone frames, reply frames', () => {
  live()
  expect(world.newest).toMatchObject({
    url: URL_,
    protocols: ['vivavoce.v1', 'ticket.T'],
    binaryType: 'arraybuffer',
  })
  expect(world.newest.told[0]).toMatchObject({kind: 'hello', mode: 'voice'})
  expect(page.phase).toBe('live')
  frame(0)
  const sent = world.newest.sent.at(-1)
  expect(sent).toBeInstanceOf(ArrayBuffer)
  expect((sent as ArrayBuffer).byteLength).toBe(16 + 1024)
  world.newest.says(new Uint8Array([...REPLY_HEADER, 1, 0, 2, 0]).buffer)
  expect(playback.posted.at(-1)).toMatchObject({kind: 'chunk', reply: 1, position: 0})
})

test('a socket that cannot even be made is a link that was lost, and is tried again', () => {
  world.refusing = new DOMException('insecure', 'SecurityError')
  begin()
  expect(page.phase).toBe('waiting')
  expect(page.of('broke')).toEqual([])
  world.refusing = null
  world.clock.turn(2)
  expect(page.phase).toBe('connecting')
  expect(world.sockets).toHaveLength(1)
})

test('comes back after a loss with the ticket of the last welcome', () => {
  live()
  world.newest.onclose?.({code: 1006})
  world.clock.turn(1)
  expect(world.sockets).toHaveLength(2)
  expect(world.newest.protocols).toEqual(['vivavoce.v1', 'ticket.R1'])
})

test('a server that does not know the call any more says so to a page that was reloaded', () => {
  page.says({kind: 'booked', ticket: 'R1', url: URL_, expiresInS: null})
  page.says({kind: 'start', hello: {}, chance: 0, heard: {reply: 1, samples: 480}})
  world.newest.onopen?.()
  expect(world.newest.told[0]).toMatchObject({kind: 'hello', reply: 1, samples: 480})
  world.newest.onclose?.({code: 4401})
  expect(page.of('line').at(-1)).toMatchObject({phase: 'lost', loss: 'call_gone'})
})

describe('a link that is dead though nobody says so', () => {
  test('is found when what is unsent does not shrink for 5 s', () => {
    live()
    world.newest.bufferedAmount = 1_000
    for (let i = 0; i < 49; i++) {
      world.clock.turn(0.1)
      world.newest.bufferedAmount += 100
      frame(i * 512)
    }
    expect(page.phase).toBe('live')
    world.clock.turn(2)
    expect(world.sockets[0]?.closed).toBe(true)
    expect(world.sockets).toHaveLength(2)
  })

  test('is not suspected while bytes go out now and then', () => {
    live()
    for (let i = 0; i < 20; i++) {
      world.newest.says({kind: 'pulse'})
      world.newest.bufferedAmount = 5_000 + (i % 4) * 1_000
      world.clock.turn(1)
    }
    expect(world.sockets).toHaveLength(1)
  })

  test('is found when nothing comes any more, not even a pulse', () => {
    live()
    world.clock.turn(9)
    expect(world.sockets).toHaveLength(1)
    world.clock.turn(2)
    expect(world.sockets).toHaveLength(2)
  })

  test('is not suspected while its pulse comes', () => {
    live()
    for (let i = 0; i < 15; i++) {
      world.clock.turn(4)
      world.newest.says({kind: 'pulse'})
    }
    expect(world.sockets).toHaveLength(1)
  })
})

describe('nothing that comes kills it', () => {
  test.each([[''], ['{'], ['null'], ['{"kind":"unknown"}'], ['{"kind":"cut"}'], ['{"kind":"floor","turn":7}']])(
    '%j of the server leaves the call as it is',
    (text) => {
      live()
      world.newest.says(text)
      expect(page.phase).toBe('live')
      expect(page.of('broke')).toEqual([])
    },
  )

  test.each([0, 3, 16, 17])('a frame of %i bytes is no sound', (bytes) => {
    live()
    world.newest.says(new ArrayBuffer(bytes))
    world.newest.onmessage?.({data: {some: 'thing'}})
    expect(playback.posted.filter(({kind}) => kind === 'chunk')).toEqual([])
    expect(page.phase).toBe('live')
  })

  test('what is thrown is told by its name alone, and the call goes on', () => {
    live()
    world.newest.failing = new DOMException('what somebody said', 'InvalidStateError')
    page.says({kind: 'type', text: 'what somebody said'})
    expect(page.of('broke')).toEqual([{kind: 'broke', what: 'InvalidStateError'}])
    world.newest.failing = null
    frame(0)
    expect(world.newest.sent.at(-1)).toBeInstanceOf(ArrayBuffer)
  })
})

describe('tickets', () => {
  const TICKETS = 'https://talk.example/api/v1/tickets'

  async function stale(answer: FakeWorld['answer']): Promise<void> {
    world.answer = answer
    page.says({kind: 'booked', ticket: 'T', url: URL_, expiresInS: 60})
    world.clock.turn(50)
    await settled()
  }

  test('one that is about to expire is exchanged', async () => {
    await stale(() => Response.json({ticket: 'T2', expires_in_s: 60}, {status: 201}))
    expect(world.asked).toMatchObject([{url: TICKETS, request: {method: 'POST', body: '{"ticket":"T"}'}}])
    page.says({kind: 'start', hello: {}, chance: 0})
    expect(world.newest.protocols[1]).toBe('ticket.T2')
  })

  test('one that the server will not exchange is the end of the booking', async () => {
    await stale(() => Response.json({error: 'want another'}, {status: 401}))
    page.says({kind: 'start', hello: {}, chance: 0})
    expect(page.of('line').at(-1)).toMatchObject({phase: 'lost', loss: 'ticket_expired'})
  })

  test.each([
    ['no network', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['a server that is not well', () => new Response('', {status: 503})],
    ['an answer that is none', () => Response.json([])],
    ['no JSON', () => new Response('<html>')],
  ])('with %s it is asked for again', async (_, answer) => {
    await stale(answer)
    world.answer = () => Response.json({ticket: 'T3', expires_in_s: 60}, {status: 201})
    world.clock.turn(6)
    await settled()
    page.says({kind: 'start', hello: {}, chance: 0})
    expect(world.newest.protocols[1]).toBe('ticket.T3')
  })

  test('an answer that never comes is not waited for', async () => {
    await stale(() => new Promise(() => {}))
    expect(world.asked[0]?.request.signal?.aborted).toBe(false)
    world.clock.turn(10)
    expect(world.asked[0]?.request.signal?.aborted).toBe(true)
  })
})

test('other processors take the place of those before', () => {
  live()
  const [newCapture, newPlayback] = [new FakePort(), new FakePort()]
  page.says({kind: 'connect'}, [newCapture, newPlayback])
  expect([capture.closed, playback.closed]).toEqual([true, true])
  const sent = world.newest.sent.length
  capture.says({kind: 'frame', position: 0, pcm: new ArrayBuffer(1024), level: 0})
  expect(world.newest.sent).toHaveLength(sent)
  newCapture.says({kind: 'frame', position: 0, pcm: new ArrayBuffer(1024), level: 0})
  expect(world.newest.sent).toHaveLength(sent + 1)
  page.says({kind: 'disconnect'})
  expect([newCapture.closed, newPlayback.closed]).toEqual([true, true])
})

test('the caller leaves: the server is told and the socket closed', () => {
  live()
  page.says({kind: 'leave'})
  expect(world.newest.told.at(-1)).toEqual({kind: 'leave'})
  expect(world.newest.closed).toBe(true)
  expect(page.phase).toBe('ended')
  expect(world.clock.waiting).toBe(0)
})

test('stopped, it holds nothing', () => {
  live()
  stop()
  expect(world.newest.closed).toBe(true)
  expect([capture.closed, playback.closed]).toEqual([true, true])
  expect(world.clock.waiting).toBe(0)
  expect(page.onmessage).toBeNull()
  expect(world.newest.onmessage).toBeNull()
})
