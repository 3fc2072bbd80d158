// The playback processor in a real browser, sample by sample. What leaves is compared with what was sent; times are those
// of the context, so that a busy machine changes nothing.

import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import type {PlaybackToWorker} from '../../src/ports.ts'
import {launch} from './harness.ts'
import {departure, framesToSilence, Rig, tone} from './playback-rig.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launch()
})

afterAll(() => browser?.close())

/** A rig for one test, closed whatever comes of it. */
async function withRig(play: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await Rig.open(browser)
  try {
    await play(rig)
  } finally {
    await rig.close()
  }
}

/** First and last frame of what sounds, without the fade at the beginning and the abrupt end. */
function span(sound: Float32Array, rate: number): [number, number] {
  const first = sound.findIndex((sample) => sample !== 0)
  let last = sound.length - 1
  while (last > first && Math.abs(sound[last] ?? 0) < 0.02) last--
  return [first + Math.ceil(rate * 0.004), last - 100]
}

/** The gateway sends so much ahead; half of it is enough here, whatever else the machine does. */
const AHEAD = 1

function faults(told: readonly PlaybackToWorker[]): readonly PlaybackToWorker[] {
  return told.filter((message) => message.kind === 'fault')
}

test('a reply over a link with jitter is heard without a break, whole', () =>
  withRig(async (rig) => {
    const at = await rig.now()
    await rig.send(tone({reply: 1, hz: 440, seconds: 3, at, ahead: AHEAD, jitter: 0.3}))
    await rig.untilTold('audible', 0)
    const {sound} = await rig.heard()
    const [first, last] = span(sound, rig.rate)
    expect((last - first) / rig.rate).toBeCloseTo(3, 1)
    expect(departure(sound, 440, rig.rate, first, last)).toBeLessThan(0.001)
    const told = await rig.told()
    expect(faults(told)).toEqual([])
    expect(told.find((message) => message.kind === 'finished')).toMatchObject({reply: 1, samples: 72_000})
    const played = told.flatMap((message) => (message.kind === 'played' ? [message.samples] : []))
    expect(played.length).toBeGreaterThan(25)
    for (const [i, samples] of played.entries()) expect(samples).toBeGreaterThanOrEqual(played[i - 1] ?? 0)
  }))

test('a cut is silence within 20 ms, and nothing of the reply is heard after it', () =>
  withRig(async (rig) => {
    await rig.send(tone({reply: 1, hz: 440, seconds: 4, at: await rig.now(), ahead: AHEAD, jitter: 0}))
    await rig.untilTold('played', 1)
    await rig.say({kind: 'cut', reply: 1})
    await rig.untilTold('audible', 0)
    // chunks of the first reply still come when this one sounds
    await rig.send(tone({reply: 2, hz: 1000, seconds: 2, at: await rig.now(), ahead: AHEAD, jitter: 0}))
    await rig.untilTold('finished', 2)
    const heard = await rig.heard()
    const cut = await rig.mark('cut', 1)
    expect(framesToSilence(heard, cut) / rig.rate).toBeLessThanOrEqual(0.02)
    const rest = heard.sound.subarray(cut.frame - heard.frame + Math.round(rig.rate * 0.02))
    const [from, to] = span(rest, rig.rate)
    expect((to - from) / rig.rate).toBeCloseTo(2, 1)
    expect(departure(rest, 1000, rig.rate, from, to)).toBeLessThan(0.001)
    expect((await rig.told()).filter((message) => message.kind === 'finished')).toMatchObject([{reply: 2}])
  }))

test('a hold is silence within 20 ms, and a resume goes on where it was', () =>
  withRig(async (rig) => {
    await rig.send(tone({reply: 1, hz: 440, seconds: 2, at: await rig.now(), ahead: AHEAD, jitter: 0}))
    await rig.untilTold('played', 1)
    await rig.say({kind: 'hold', reply: 1})
    await rig.untilTold('audible', 0)
    await rig.say({kind: 'resume', reply: 1})
    await rig.untilTold('finished', 1)
    const heard = await rig.heard()
    const hold = await rig.mark('hold', 1)
    const toSilence = framesToSilence(heard, hold)
    expect(toSilence / rig.rate).toBeLessThanOrEqual(0.02)
    // without the silence between, one sine of two seconds: the ramps alone depart from it
    const ramp = Math.ceil(rig.rate * 0.004)
    const silent = hold.frame - heard.frame + toSilence
    const again = heard.sound.findIndex((sample, i) => i > silent && sample !== 0)
    const [, last] = span(heard.sound, rig.rate)
    const [first] = span(heard.sound, rig.rate)
    expect(departure(heard.sound, 440, rig.rate, first, silent - ramp)).toBeLessThan(0.001)
    expect(departure(heard.sound, 440, rig.rate, again + ramp, last)).toBeLessThan(0.001)
    expect((last - first - (again - silent)) / rig.rate).toBeCloseTo(2, 1)
    expect(faults(await rig.told())).toEqual([])
  }))

test.each([
  {stalls: 1, ms: 400},
  {stalls: 10, ms: 200},
])('a page that stalls ($stalls × $ms ms) is not heard, and does not delay a cut', ({stalls, ms}) =>
  withRig(async (rig) => {
    const at = await rig.now()
    await rig.send(tone({reply: 1, hz: 440, seconds: 20, at, ahead: AHEAD, jitter: 0.05}))
    await rig.untilTold('played', 1)
    for (let i = 1; i < stalls; i++) await rig.stall(ms)
    const end = await rig.stall(ms, {kind: 'cut', reply: 1})
    const cut = await rig.mark('cut', 1)
    expect(cut.time).toBeLessThan(end) // it came while the page was busy
    await rig.untilTold('audible', 0)
    const heard = await rig.heard()
    expect(framesToSilence(heard, cut) / rig.rate).toBeLessThanOrEqual(0.02)
    const [first] = span(heard.sound, rig.rate)
    expect(departure(heard.sound, 440, rig.rate, first, cut.frame - heard.frame)).toBeLessThan(0.001)
    expect(faults(await rig.told())).toEqual([])
  }),
)
