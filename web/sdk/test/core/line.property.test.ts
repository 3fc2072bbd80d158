// Anything in any order with any gaps: what must hold of a line whatever happens to it.

import fc from 'fast-check'
import {expect, test} from 'vitest'
import {idle, type Line, step, wakeAt} from '../../src/core/line.ts'
import {KEPT_SAMPLES} from '../../src/core/microphone_queue.ts'
import {HEADER_BYTES, MAX_FAULTS} from '../../src/core/protocol.ts'
import {LEAVE_WITHIN_S} from '../../src/core/reconnect.ts'
import type {LineEffect, LineEvent} from '../../src/core/signals.ts'

const reply = fc.integer({min: 0, max: 5})
const samples = fc.integer({min: 0, max: 48_000})
const position = fc.oneof(fc.integer({min: 0, max: 2_000_000}), fc.constant(2 ** 50))
const number = fc.double({min: -1e6, max: 1e6, noNaN: true})
const unit = fc.double({min: 0, max: 1, noNaN: true})

const text = fc
  .oneof(
    fc.record({
      kind: fc.constant('welcome'),
      call: fc.constant('c'),
      resume: fc.constantFrom('', 'r'),
      at: samples,
      heard: samples,
      return_within_s: fc.constantFrom(0, 20, -1),
    }),
    fc.record({kind: fc.constantFrom('hold', 'resume', 'cut'), reply}),
    fc.record({kind: fc.constant('reply_done'), reply, samples}),
    fc.record({kind: fc.constantFrom('floor', 'caption', 'ended', 'sing')}),
    fc.jsonValue(),
  )
  .map((value) => JSON.stringify(value) ?? '')

const binary = fc.oneof(
  fc.uint8Array({maxLength: 40}).map((bytes) => bytes.slice().buffer as ArrayBuffer),
  fc.tuple(reply, samples).map(([number, at]) => {
    const data = new ArrayBuffer(HEADER_BYTES + 480)
    const header = new DataView(data)
    header.setUint8(0, 1)
    header.setUint8(1, 2)
    header.setUint32(4, number, true)
    header.setBigUint64(8, BigInt(at), true)
    return data
  }),
)

const captured = fc.oneof(
  fc.record({
    kind: fc.constant('frame'),
    position,
    pcm: fc.constantFrom(1024, 1024, 64_000, 2, 200_000).map((bytes) => new ArrayBuffer(bytes)),
    level: fc.constant(0.1),
  }),
  fc.record({kind: fc.constant('doubt'), reply, at: position, level: unit}),
  fc.record({
    kind: fc.constant('levels'),
    at: position,
    step: fc.constant(512),
    mic: fc.array(number, {maxLength: 3}),
    far: fc.array(number, {maxLength: 3}),
    returnLossDb: fc.constantFrom(null, 20),
    delayMs: fc.constant(null),
    noiseDbfs: fc.constant(null),
  }),
  fc.record({kind: fc.constant('echo'), state: fc.constantFrom('good', 'poor', 'raw')}),
  fc.record({kind: fc.constant('silent'), on: fc.boolean()}),
  fc.record({
    kind: fc.constant('fault'),
    what: fc.constantFrom('gap', 'device'),
    at: position,
    ms: number,
    count: position,
  }),
)

const played = fc.oneof(
  fc.record({kind: fc.constantFrom('played', 'finished'), reply, samples, at: position}),
  fc.record({kind: fc.constant('audible'), reply}),
  fc.record({
    kind: fc.constant('fault'),
    what: fc.constant('underrun'),
    at: position,
    ms: number,
    count: position,
  }),
)

/** 0 is the newest socket, 1 the one before it. */
const age = fc.constantFrom(0, 0, 0, 0, 1)
const code = fc.constantFrom(1000, 1001, 1006, 1006, 1006, 1006, 4400, 4401, 4408, 4409, 4412, 4413, 4423, 4429, 4500)

const event = fc.oneof(
  {weight: 5, arbitrary: fc.record({kind: fc.constant('opened'), socket: age})},
  {weight: 3, arbitrary: fc.record({kind: fc.constant('closed'), socket: age, code})},
  {weight: 8, arbitrary: fc.record({kind: fc.constant('text'), socket: age, text})},
  {weight: 6, arbitrary: fc.record({kind: fc.constant('binary'), socket: age, data: binary})},
  {
    weight: 8,
    arbitrary: fc.record({kind: fc.constant('capture'), message: captured, unsent: fc.constantFrom(0, 0, 0, 1e6)}),
  },
  {weight: 6, arbitrary: fc.record({kind: fc.constant('playback'), message: played})},
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('ticket'),
      ticket: fc.constant('t2'),
      expiresInS: fc.constantFrom(null, 60),
    }),
  },
  {weight: 1, arbitrary: fc.record({kind: fc.constant('no_ticket'), final: fc.boolean()})},
  {weight: 1, arbitrary: fc.record({kind: fc.constant('type'), text: fc.string()})},
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('correct'),
      field: fc.string(),
      value: fc.oneof(fc.jsonValue(), fc.bigInt()),
    }),
  },
  {weight: 1, arbitrary: fc.record({kind: fc.constant('pace'), pace: fc.constantFrom('interview', 'casual')})},
  {weight: 1, arbitrary: fc.record({kind: fc.constant('mode'), mode: fc.constantFrom('voice', 'text')})},
  {weight: 1, arbitrary: fc.record({kind: fc.constantFrom('mute', 'half_duplex'), on: fc.boolean()})},
  {
    weight: 3,
    arbitrary: fc.record({kind: fc.constantFrom('offline', 'online', 'freeze', 'thaw', 'connected', 'woke', 'done')}),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('booked'),
      ticket: fc.constant('t3'),
      url: fc.constant('ws://x'),
      expiresInS: fc.constant(9),
    }),
  },
  {weight: 1, arbitrary: fc.record({kind: fc.constant('start'), hello: fc.constant({}), chance: fc.constant(0.3)})},
) as fc.Arbitrary<LineEvent>

type Happening = {readonly event: LineEvent | {readonly kind: 'leave'}; readonly gapS: number}

const gapS = fc.oneof(
  {weight: 8, arbitrary: fc.double({min: 0, max: 0.5, noNaN: true})},
  {weight: 1, arbitrary: fc.constantFrom(6, 30, 200)},
)
const course: fc.Arbitrary<readonly Happening[]> = fc
  .tuple(fc.constantFrom(null, 60, 0), fc.array(fc.record({event, gapS}), {maxLength: 80}), fc.boolean())
  .map(([expiresInS, rest, leaves]) => [
    {event: {kind: 'booked', ticket: 't1', url: 'ws://x', expiresInS}, gapS: 0},
    {event: {kind: 'start', hello: {mode: 'voice'}, chance: 0.5}, gapS: 0},
    ...rest,
    ...(leaves ? [{event: {kind: 'leave'} as const, gapS: 0}] : []),
  ])

/** Plays a course, wake-ups included, and shows every step to `look`. */
function play(
  course: readonly Happening[],
  look: (line: Line, effects: readonly LineEffect[], event: LineEvent, now: number) => void,
): Line {
  let line = idle
  let now = 0
  const take = (event: LineEvent) => {
    const [after, effects] = step(line, event, now)
    line = after
    look(line, effects, event, now)
  }
  for (const {event, gapS} of course) {
    const until = now + gapS
    for (let due = wakeAt(line), wakes = 0; due !== null && due <= until; due = wakeAt(line), wakes++) {
      expect(wakes, 'wake-ups that lead to nothing').toBeLessThan(2000)
      now = Math.max(now, due)
      take({kind: 'woke'})
      // at the same moment the line may want to be woken again now and then, but not for ever
      for (let again = 0; (wakeAt(line) ?? Number.POSITIVE_INFINITY) <= now; again++) {
        expect(again, 'wake-ups at one moment').toBeLessThan(10)
        take({kind: 'woke'})
      }
    }
    now = until
    take('socket' in event ? {...event, socket: line.socket - event.socket} : event)
  }
  return line
}

const RUNS = {numRuns: 1500}

test('a reply that was cut, or heard to its end, is never sent to the loudspeaker again', () => {
  fc.assert(
    fc.property(course, (happenings) => {
      let over = 0
      let cut = 0
      play(happenings, (line, effects) => {
        for (const effect of effects) {
          if (effect.kind !== 'to_playback') continue
          const {message} = effect
          if (message.kind === 'cut') over = cut = Math.max(over, message.reply)
          // a hold may outlive the reply that ended in its moment, and is let go of by that reply's number
          else expect(message.reply, message.kind).toBeGreaterThan(message.kind === 'resume' ? cut : over)
        }
        over = Math.max(over, line.replies.over)
      })
    }),
    RUNS,
  )
})

test("the microphone's frames that go over a socket never go back nor overlap, and what is kept is bounded", () => {
  fc.assert(
    fc.property(course, (happenings) => {
      let next = 0
      play(happenings, (line, effects) => {
        const {kept, sent, frames} = line.microphone
        expect(kept).toBeLessThanOrEqual(KEPT_SAMPLES)
        expect(kept).toBe(frames.reduce((sum, {pcm}) => sum + pcm.byteLength / 2, 0))
        expect(sent).toBeLessThanOrEqual(frames.length)
        for (const effect of effects) {
          if (effect.kind === 'open') next = 0
          if (effect.kind !== 'send' || typeof effect.data === 'string') continue
          const at = Number(new DataView(effect.data).getBigUint64(8, true))
          expect(at).toBeGreaterThanOrEqual(next)
          next = at + (effect.data.byteLength - HEADER_BYTES) / 2
        }
      })
    }),
    RUNS,
  )
})

test('there is one socket at a time; what is sent goes to it, and a hello goes first', () => {
  fc.assert(
    fc.property(course, (happenings) => {
      let open: number | null = null
      let greeted = false
      play(happenings, (_, effects, event) => {
        if (event.kind === 'closed' && event.socket === open) open = null
        for (const effect of effects) {
          if (effect.kind === 'open') {
            expect(open).toBeNull()
            open = effect.socket
            greeted = false
          }
          if (effect.kind === 'close') {
            expect(effect.socket).toBe(open)
            open = null
          }
          if (effect.kind === 'send') {
            expect(effect.socket).toBe(open)
            const isHello: boolean = typeof effect.data === 'string' && JSON.parse(effect.data).kind === 'hello'
            expect(isHello).toBe(!greeted)
            greeted = true
          }
        }
      })
    }),
    RUNS,
  )
})

test('who leaves is gone soon, whatever else happens, and says nothing any more but that', () => {
  fc.assert(
    fc.property(course, fc.array(fc.record({event, gapS}), {maxLength: 20}), (before, behind) => {
      const leaves: Happening = {event: {kind: 'leave'}, gapS: 0}
      let leftAt: number | null = null
      const line = play(
        [...before, leaves, ...behind, {event: {kind: 'woke'}, gapS: 0}],
        (line, effects, event, now) => {
          if (event.kind === 'leave') leftAt ??= now
          if (leftAt === null || event.kind === 'leave') return
          if (now > leftAt + LEAVE_WITHIN_S) expect(line.phase, 'so long after').toMatch(/ended|lost|replaced/)
          const said = effects.flatMap((effect) => (effect.kind === 'send' ? [effect.data] : []))
          expect(said.filter((data) => typeof data !== 'string')).toEqual([])
          if (said.length > 0) expect(JSON.parse(String(said.at(-1)))).toEqual({kind: 'leave'})
        },
      )
      const waits = leftAt !== null && line.leaving && (wakeAt(line) ?? 0) <= leftAt + LEAVE_WITHIN_S
      expect(waits || /ended|lost|replaced/.test(line.phase), line.phase).toBe(true)
    }),
    RUNS,
  )
})

test('ended, replaced and lost are final', () => {
  fc.assert(
    fc.property(course, (happenings) => {
      let final: string | null = null
      play(happenings, (line, effects) => {
        if (final !== null) {
          expect(line.phase).toBe(final)
          expect(effects.filter(({kind}) => kind !== 'tell')).toEqual([])
        }
        if (['ended', 'replaced', 'lost'].includes(line.phase)) {
          expect(wakeAt(line)).toBeNull()
          expect(line.ticket).toBeNull()
          final = line.phase
        }
      })
    }),
    RUNS,
  )
})

test('what waits is bounded, and every fault is one the gateway takes', () => {
  fc.assert(
    fc.property(course, (happenings) => {
      play(happenings, (line) => {
        expect(line.waiting.length).toBeLessThanOrEqual(32)
        expect(line.health.faults.length).toBeLessThanOrEqual(MAX_FAULTS)
        for (const {at, ms, count} of line.health.faults) {
          expect(Number.isSafeInteger(at) && at >= 0, `at ${at}`).toBe(true)
          expect(Number.isFinite(ms) && ms >= 0, `ms ${ms}`).toBe(true)
          expect(Number.isSafeInteger(count) && count >= 1, `count ${count}`).toBe(true)
        }
      })
    }),
    RUNS,
  )
})

test('a line that is down comes back or is given up: it never waits for nothing', () => {
  fc.assert(
    fc.property(course, (happenings) => {
      const line = play(happenings, () => {})
      if (['connecting', 'greeting', 'waiting', 'offline'].includes(line.phase)) expect(wakeAt(line)).not.toBeNull()
    }),
    RUNS,
  )
})
