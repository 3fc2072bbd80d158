import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {FRAME_SAMPLES, Framer, MIC_HZ} from '../../src/audio/framer.ts'

interface Frame {
  readonly position: number
  readonly samples: Int16Array
  readonly level: number
}

const RATES = [8_000, 16_000, 24_000, 44_100, 48_000, 96_000] as const
const TONE_HZ = 300

/** A sound that tells its own time: a tone whose phase is that of the context's clock. */
function tone(rate: number, frame: number, length: number, amplitude = 0.5): Float32Array {
  return Float32Array.from({length}, (_, i) => amplitude * Math.sin((2 * Math.PI * TONE_HZ * (frame + i)) / rate))
}

function expected(position: number, amplitude = 0.5): number {
  return 32_768 * amplitude * Math.sin((2 * Math.PI * TONE_HZ * position) / MIC_HZ)
}

/** The largest difference from the tone, in steps of Int16. */
function worst(samples: readonly number[], position: number): number {
  return Math.max(...samples.map((x, i) => Math.abs(x - expected(position + i))))
}

function listening(rate: number): {readonly framer: Framer; readonly frames: Frame[]} {
  const frames: Frame[] = []
  const framer = new Framer(rate, (position, pcm, level) =>
    frames.push({position, samples: new Int16Array(pcm), level}),
  )
  return {framer, frames}
}

const clock = (rate: number, frame: number) => Math.floor((frame * MIC_HZ) / rate)

describe('framer', () => {
  it.each(RATES)('makes frames of 512 samples in their place out of %i Hz', (rate) => {
    const {framer, frames} = listening(rate)
    for (let frame = 0; frame < rate; frame += 128)
      expect(framer.push(clock(rate, frame), tone(rate, frame, 128))).toBe(0)
    framer.flush()
    expect(frames.map((it) => it.position)).toEqual(Array.from({length: 32}, (_, k) => k * FRAME_SAMPLES))
    const all = frames.flatMap((it) => [...it.samples])
    // the edges ring: the filter sees silence before the beginning and after the end
    expect(worst(all.slice(200, -700), 200)).toBeLessThan(40)
    expect(frames[3]?.level).toBeCloseTo(0.5 / Math.SQRT2, 2)
  })

  it('clamps what is beyond full scale and never wraps', () => {
    const {framer, frames} = listening(16_000)
    const loud = Float32Array.from({length: 512}, (_, i) => (i % 2 ? 1 : -1) * (i % 4 > 1 ? 1.5 : 3e38))
    framer.push(0, loud)
    const values = new Set(frames[0]?.samples)
    expect([...values].sort((a, b) => a - b)).toEqual([-32_768, 32_767])
  })

  it('makes silence of what is no number, counts it, and is not spoiled by it', () => {
    const {framer, frames} = listening(48_000)
    for (let frame = 0; frame < 48_000; frame += 128) {
      const samples = tone(48_000, frame, 128)
      if (frame === 12_800) samples.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 5)
      framer.push(clock(48_000, frame), samples)
    }
    expect(framer.broken).toBe(3)
    for (const {position, samples} of frames) {
      const hurt = Math.abs(position + 256 - 12_800 / 3) < 600 || position === 0
      if (!hurt && position < 15_000) expect(worst([...samples], position)).toBeLessThan(40)
    }
  })

  it('leaves out what is missing and stays in place', () => {
    const {framer, frames} = listening(48_000)
    const missing: number[] = []
    for (let frame = 0; frame < 96_000; frame += 128) {
      if (frame >= 24_064 && frame < 48_000) continue
      missing.push(framer.push(clock(48_000, frame), tone(48_000, frame, 128)))
    }
    expect(missing.filter((it) => it > 0)).toHaveLength(1)
    expect(missing.reduce((a, b) => a + b)).toBeCloseTo((48_000 - 24_064) / 3, -1)
    const positions = frames.map((it) => it.position)
    expect(positions.every((it) => it % FRAME_SAMPLES === 0)).toBe(true)
    // 8 021 lies in the frame from 7 680 on, 16 000 in that from 15 872 on
    expect(positions).not.toContain(8_192)
    expect(positions).not.toContain(15_360)
    const around = frames.find((it) => it.position === 15_872)?.samples
    expect(around?.slice(0, 120).every((x) => x === 0)).toBe(true)
    expect(Math.abs((around?.[400] ?? 0) - expected(16_272))).toBeLessThan(40)
  })

  it('sees that a single quantum is missing', () => {
    const {framer, frames} = listening(48_000)
    const missing: number[] = []
    for (let frame = 0; frame < 48_000; frame += 128)
      if (frame !== 24_064) missing.push(framer.push(clock(48_000, frame), tone(48_000, frame, 128)))
    expect(missing.reduce((a, b) => a + b)).toBeCloseTo(128 / 3, 0)
    expect(frames.map((it) => it.position)).toEqual(frames.map((_, k) => k * FRAME_SAMPLES))
    const after = frames[20]
    expect(worst([...(after?.samples ?? [])], after?.position ?? 0)).toBeLessThan(40)
  })

  it('keeps what it has when a clock goes back', () => {
    const {framer, frames} = listening(16_000)
    framer.push(0, new Float32Array(300).fill(0.5))
    expect(framer.push(100, new Float32Array(50).fill(-0.5))).toBe(0)
    framer.flush()
    expect(frames).toHaveLength(1)
    expect([...(frames[0]?.samples ?? [])]).toEqual([...Array(300).fill(16_384), ...Array(212).fill(0)])
  })

  it('sends what it has at once before a mute, and nothing twice', () => {
    const {framer, frames} = listening(16_000)
    framer.push(0, tone(16_000, 0, 300))
    expect(frames).toHaveLength(0)
    framer.flush()
    framer.flush()
    expect(frames.map((it) => it.position)).toEqual([0])
    expect(Math.abs((frames[0]?.samples[250] ?? 0) - expected(250))).toBeLessThan(4)
    expect(frames[0]?.samples.slice(300).every((x) => x === 0)).toBe(true)
    framer.push(300, new Float32Array(724))
    expect(frames.map((it) => it.position)).toEqual([0, 512])
  })

  it('keeps every frame whole, in order and in its place, whatever comes', () => {
    const piece = fc.record({
      length: fc.integer({min: 1, max: 1024}),
      // up to some seconds missing, and now and then a clock that goes back
      jump: fc.oneof(
        {weight: 5, arbitrary: fc.constant(0)},
        {weight: 1, arbitrary: fc.integer({min: -5_000, max: 200_000})},
      ),
      bad: fc.boolean(),
      flush: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.constantFrom(...RATES), fc.array(piece, {maxLength: 40}), (rate, pieces) => {
        const {framer, frames} = listening(rate)
        let frame = 0
        let broken = 0
        let missing = 0
        let latest = 0
        for (const {length, jump, bad, flush} of pieces) {
          frame = Math.max(0, frame + jump)
          const samples = tone(rate, frame, length, 2)
          if (bad) {
            samples[length >> 1] = Number.NaN
            broken++
          }
          missing += framer.push(clock(rate, frame), samples)
          if (flush) framer.flush()
          frame += length
          latest = Math.max(latest, frame)
        }
        framer.flush()
        expect(framer.broken).toBe(broken)
        expect(missing).toBeGreaterThanOrEqual(0)
        const first = frames[0]?.position ?? 0
        frames.forEach(({position, samples, level}, i) => {
          expect(samples).toHaveLength(FRAME_SAMPLES)
          expect((position - first) % FRAME_SAMPLES).toBe(0)
          if (i > 0) expect(position).toBeGreaterThan(frames[i - 1]?.position ?? 0)
          expect(level).toBeGreaterThanOrEqual(0)
          expect(level).toBeLessThanOrEqual(1)
        })
        // nothing but padding lies behind the clock
        const end = frames.at(-1)?.position ?? 0
        expect(end).toBeLessThanOrEqual(clock(rate, latest) + 1)
      }),
      {numRuns: 60},
    )
  })

  it('loses and invents no sample as long as nothing is missing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RATES),
        fc.integer({min: 0, max: 10 ** 9}),
        fc.array(fc.integer({min: 1, max: 1024}), {minLength: 1, maxLength: 60}),
        (rate, begin, lengths) => {
          const {framer, frames} = listening(rate)
          let frame = begin
          for (const length of lengths) {
            expect(framer.push(clock(rate, frame), new Float32Array(length))).toBe(0)
            frame += length
          }
          framer.flush()
          const samples = ((frame - begin) * MIC_HZ) / rate
          expect(Math.abs(frames.length - Math.ceil(samples / FRAME_SAMPLES))).toBeLessThanOrEqual(
            samples % 512 < 2 ? 1 : 0,
          )
          expect(frames[0]?.position).toBe(clock(rate, begin))
        },
      ),
      {numRuns: 60},
    )
  })
})
