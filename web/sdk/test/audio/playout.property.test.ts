// Whatever comes in whatever order: what is heard is what was sent and not cut, once, without a click, and told truly.

import fc from 'fast-check'
import {expect, test} from 'vitest'
import {RAMP_MS} from '../../src/audio/playout.ts'
import {constant, largestStep, numberAt, numbered, Player} from './player.ts'

const REPLIES = 4
/** The same runs every time; `RUNS=3000` looks for others. */
const RUNS = process.env['RUNS'] ? {numRuns: Number(process.env['RUNS'])} : {numRuns: 100, seed: 5}
const RATE = 24_000

type Step =
  | {readonly kind: 'render'; readonly frames: number; readonly quantum: number}
  | {readonly kind: 'chunk'; readonly reply: number; readonly count: number; readonly back: number}
  | {readonly kind: 'done' | 'local'; readonly reply: number}
  | {readonly kind: 'hold'; readonly reply: number}
  | {readonly kind: 'resume'; readonly reply: number}
  | {readonly kind: 'cut'; readonly reply: number}

const reply = fc.integer({min: 1, max: REPLIES})
const chunk = fc.record({
  kind: fc.constant('chunk' as const),
  reply,
  count: fc.integer({min: 1, max: 4800}),
  back: fc.oneof(fc.constant(0), fc.integer({min: 0, max: 3000})),
})
const render = fc.record({
  kind: fc.constant('render' as const),
  frames: fc.integer({min: 1, max: 12_000}),
  quantum: fc.constantFrom(1, 64, 128, 128, 256, 1000),
})
const word = fc.record({kind: fc.constantFrom('done', 'done', 'hold', 'resume', 'resume', 'cut', 'local'), reply})
const steps = fc.array(
  fc.oneof({arbitrary: chunk, weight: 4}, {arbitrary: render, weight: 4}, word as fc.Arbitrary<Step>),
  {
    maxLength: 60,
  },
)

/** What has been sent of each reply, and what the player did with it. */
class Trial {
  readonly player: Player
  readonly sent = new Array<number>(REPLIES + 1).fill(0)
  /** Frames at which a reply was cut: nothing of it, or of those before it, may be heard a ramp later. */
  readonly cuts: {readonly reply: number; readonly frame: number}[] = []

  constructor(
    rate: number,
    private readonly content: (reply: number, from: number, count: number) => Int16Array,
  ) {
    this.player = new Player(rate)
  }

  take(step: Step): void {
    const {player} = this
    switch (step.kind) {
      case 'render':
        player.render(step.frames, step.quantum)
        return
      case 'chunk': {
        const sent = this.sent[step.reply] ?? 0
        const from = Math.max(0, sent - step.back)
        player.chunk(step.reply, from, this.content(step.reply, from, step.count))
        this.sent[step.reply] = Math.max(sent, from + step.count)
        return
      }
      case 'done':
        player.done(step.reply, this.sent[step.reply] ?? 0)
        return
      case 'local':
        player.room.held = player.room.audible
        return
      case 'cut':
        this.cuts.push({reply: step.reply, frame: player.frame})
        player.cut(step.reply)
        return
      case 'hold':
      case 'resume':
        player.playout.receive(step)
    }
  }
}

/** How many samples of each reply were heard; or where what was heard is not what was to be heard. */
function listen(trial: Trial): Map<number, number> | string {
  const ramp = RAMP_MS * 24
  const counts = new Map<number, number>()
  let now = 1
  let position = 0
  let level = 0
  // the sample of a reply, as loud as the one before or a step of the ramp louder or softer; from silence, the first step
  const fits = (sample: number, reply: number, at: number) => {
    const steps = (sample / numberAt(reply, at)) * 32_768 * ramp
    const near = level === 0 ? Math.abs(steps - 1) < 1e-5 : Math.abs(steps - level) < 1.01
    return at < (trial.sent[reply] ?? 0) && near && steps < ramp + 0.01 && Math.abs(steps - Math.round(steps)) < 1e-4
  }
  for (const [frame, sample] of trial.player.sound.entries()) {
    if (!Number.isFinite(sample)) return `${sample} at frame ${frame}`
    if (sample === 0) {
      level = 0
      continue
    }
    if (!fits(sample, now, position)) {
      const from = `reply ${now} at ${position}`
      position = 0
      do now++
      while (now <= REPLIES && !fits(sample, now, 0))
      if (now > REPLIES) return `frame ${frame} (${sample}) goes on neither with ${from} nor with a later reply`
    }
    level = Math.round((sample / numberAt(now, position)) * 32_768 * ramp)
    position++
    counts.set(now, position)
    const cut = trial.cuts.find((cut) => now <= cut.reply && frame >= cut.frame + ramp)
    if (cut) return `reply ${now} at frame ${frame}, cut at ${cut.frame}`
  }
  return counts
}

test('every sample that is heard is the next one of a reply', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const trial = new Trial(RATE, numbered)
      for (const step of list) trial.take(step)
      const {player} = trial
      player.resume(0)
      for (let number = 1; number <= REPLIES; number++) player.done(number, trial.sent[number] ?? 0)
      player.seconds(1 + trial.sent.reduce((sum, count) => sum + count, 0) / RATE)
      const counts = listen(trial)
      expect(counts).not.toBeTypeOf('string')
      if (typeof counts === 'string') return
      // nothing blocks: all is over, and what was told to be finished was heard whole
      expect(player.playout.ring.current).toBe(0)
      expect(player.room.audible).toBe(0)
      for (const message of player.of('finished')) expect(counts.get(message.reply) ?? 0).toBe(message.samples)
      const heard = new Map<number, number>()
      for (const message of player.told) {
        if (message.kind !== 'played' && message.kind !== 'finished') continue
        expect(message.samples).toBeGreaterThanOrEqual(heard.get(message.reply) ?? 0)
        heard.set(message.reply, message.samples)
      }
      for (const [number, samples] of heard) expect(samples).toBeLessThanOrEqual(counts.get(number) ?? 0)
    }),
    RUNS,
  )
})

test.each([24_000, 48_000, 44_100, 16_000])('nothing clicks at %i Hz', (rate) => {
  fc.assert(
    fc.property(steps, (list) => {
      const trial = new Trial(rate, (_, __, count) => constant(count))
      for (const step of list) trial.take(step)
      trial.player.seconds(0.5)
      // a reply may end as abruptly as it was made: there alone the step is as large as the sound
      const sound = trial.player.sound
      for (const {at} of trial.player.of('finished')) {
        // told at the end of its quantum, and the filter rings for 2 ms on either side
        const end = Math.round((at / 16_000) * rate)
        sound.fill(Number.NaN, Math.max(0, end - 128 - Math.round(rate * 0.004)), end + Math.round(rate * 0.004))
      }
      // twice the ramp, for the filter's answer to a sound that begins at full height
      expect(largestStep(sound)).toBeLessThan((2 * 0.5) / ((rate * RAMP_MS) / 1000))
    }),
    RUNS,
  )
})
