// A network that dies at any moment, with anything in flight: the gateway hears every sample of the caller once, in order.

import fc from 'fast-check'
import {expect, test} from 'vitest'
import {idle, type Line, step, wakeAt} from '../../src/core/line.ts'
import {KEPT_SAMPLES} from '../../src/core/microphone_queue.ts'
import {CALLER_HZ, HEADER_BYTES} from '../../src/core/protocol.ts'
import type {LineEvent} from '../../src/core/signals.ts'

const FRAME = 512
/** The line waits no longer than this between two tries. */
const AWAY_S = 13

type Cut = {
  /** The line carries sound for so long. */
  readonly goodS: number
  /** Then nothing arrives any more, which nobody knows for so long: up to what the worker takes a dead line for. */
  readonly stallS: number
  readonly failures: number
  /** Frames of the dead socket that the gateway reads before it answers the next hello, of those in flight. */
  readonly late: number
}

const cuts = fc.array(
  fc.record({
    goodS: fc.double({min: 0, max: 12, noNaN: true}),
    stallS: fc.oneof(fc.constant(0), fc.double({min: 0, max: 10, noNaN: true})),
    failures: fc.integer({min: 0, max: 3}),
    late: fc.integer({min: 0, max: 400}),
  }),
  {minLength: 1, maxLength: 6},
)

/** A gateway that takes frames as `gateway/uplink.py` does: none that begins before what it has heard. */
class Gateway {
  position = 0
  readonly heard: (readonly [from: number, sample: number])[] = []

  take(data: ArrayBuffer): void {
    const header = new DataView(data)
    const at = Number(header.getBigUint64(8, true))
    if (at < this.position) return
    this.heard.push([at, header.getInt16(HEADER_BYTES, true)])
    this.position = at + (data.byteLength - HEADER_BYTES) / 2
  }
}

/** A page, a network and a gateway on one clock. */
class World {
  line: Line = idle
  now = 0
  readonly gateway = new Gateway()
  #captured = 0
  /** What was sent over the present socket and has not arrived. */
  #flying: ArrayBuffer[] = []
  /** Of the socket before it, still to be read. */
  #late: ArrayBuffer[] = []
  stalls = false
  /** The longest time for which nothing arrived. */
  awayS = 0
  /** Position and first sample of each frame that the microphone delivered. */
  readonly said: (readonly [number, number])[] = []

  feed(event: LineEvent): void {
    const [line, effects] = step(this.line, event, this.now)
    this.line = line
    for (const effect of effects) {
      if (effect.kind === 'send' && typeof effect.data !== 'string') this.#flying.push(effect.data)
    }
    if (!this.stalls) for (const data of this.#flying.splice(0)) this.gateway.take(data)
  }

  begin(): void {
    this.feed({kind: 'booked', ticket: 't', url: 'ws://x', expiresInS: null})
    this.feed({kind: 'start', hello: {mode: 'voice'}, chance: 0.5})
    this.#welcome(false)
  }

  pass(seconds: number): void {
    const until = this.now + seconds
    for (;;) {
      const frameAt = ((this.#captured + 1) * FRAME) / CALLER_HZ
      const due = Math.min(wakeAt(this.line) ?? Number.POSITIVE_INFINITY, frameAt)
      if (due > until) break
      this.now = Math.max(this.now, due)
      if (due === frameAt) this.#capture()
      else this.feed({kind: 'woke'})
    }
    this.now = until
  }

  #capture(): void {
    const mark = (this.#captured % 30_000) + 1
    const message = {
      kind: 'frame',
      position: this.#captured * FRAME,
      pcm: new Int16Array(FRAME).fill(mark).buffer,
    } as const
    this.said.push([message.position, mark])
    this.#captured += 1
    this.feed({kind: 'capture', message: {...message, level: 0.1}, unsent: 0})
  }

  #welcome(returned: boolean): void {
    this.feed({kind: 'opened', socket: this.line.socket})
    const at = Math.round(this.now * CALLER_HZ)
    const welcome = {
      kind: 'welcome',
      call: 'c',
      resume: 'r',
      returned,
      at: returned ? at : 0,
      heard: this.gateway.position,
    }
    this.stalls = false
    const text = JSON.stringify(welcome)
    // what the gateway still reads of the old socket between its welcome and the first words over the new one
    for (const data of this.#late.splice(0)) this.gateway.take(data)
    this.feed({kind: 'text', socket: this.line.socket, text})
  }

  cut({goodS, stallS, failures, late}: Cut): void {
    this.pass(goodS)
    const since = this.now
    this.stalls = true
    this.pass(stallS)
    const flying = this.#flying.splice(0)
    const read = Math.min(late, flying.length)
    for (const data of flying.slice(0, read >> 1)) this.gateway.take(data)
    this.#late = flying.slice(read >> 1, read)
    this.#drop()
    for (let failed = 0; failed < failures; failed++) {
      this.#reach()
      this.#drop()
    }
    this.#reach()
    this.awayS = Math.max(this.awayS, this.now - since)
    this.#welcome(true)
  }

  #drop(): void {
    this.feed({kind: 'closed', socket: this.line.socket, code: 1006})
  }

  #reach(): void {
    for (let waited = 0; this.line.phase !== 'connecting'; waited += 0.05) {
      if (waited > AWAY_S) throw new Error('want another attempt by now')
      this.pass(0.05)
    }
  }
}

test('0 ms of the caller are lost, and none comes twice, however often a socket is cut and whatever it had in hand', () => {
  fc.assert(
    fc.property(cuts, (list) => {
      const world = new World()
      world.begin()
      for (const cut of list) world.cut(cut)
      world.pass(0.5)
      fc.pre(world.awayS < KEPT_SAMPLES / CALLER_HZ)
      expect(world.line.phase).toBe('live')
      const {heard} = world.gateway
      const differs = world.said.findIndex(
        ([at, mark], index) => heard[index]?.[0] !== at || heard[index]?.[1] !== mark,
      )
      expect([differs, heard.length]).toEqual([-1, world.said.length])
    }),
    {numRuns: 100},
  )
})

test('beyond what is kept, exactly the oldest is missing, and the page is told of it', () => {
  const world = new World()
  world.begin()
  world.pass(5)
  world.stalls = true
  world.pass(40)
  const before = world.gateway.position
  world.cut({goodS: 0, stallS: 0, failures: 0, late: 0})
  const [first] = world.gateway.heard.filter(([at]) => at >= before)
  const behind = world.said.at(-1)?.[0] ?? 0
  expect(behind + FRAME - (first?.[0] ?? 0)).toBeGreaterThan(KEPT_SAMPLES - FRAME)
  expect(world.gateway.heard.slice(-900)).toEqual(world.said.slice(-900))
})
