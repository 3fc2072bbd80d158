import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {Resampler} from '../../src/audio/resample.ts'

/** Push in pieces as they come and pull what there is; `pieces` are used again and again. */
function convert(from: number, to: number, input: Float32Array, pieces: readonly number[] = [128]): Float32Array {
  const resampler = new Resampler(from, to)
  const padded = new Float32Array(input.length + resampler.margin)
  padded.set(input)
  const parts: Float32Array[] = []
  for (let at = 0, turn = 0; at < padded.length; turn++) {
    const count = Math.min(pieces[turn % pieces.length] ?? 128, padded.length - at)
    parts.push(resampler.process(padded.subarray(at, at + count)).slice())
    at += count
  }
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  parts.reduce((at, part) => {
    whole.set(part, at)
    return at + part.length
  }, 0)
  return whole
}

function sine(hz: number, rate: number, count: number): Float32Array {
  return Float32Array.from({length: count}, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate))
}

/** dB of the sine that should be there over everything else, in the middle second. */
function signalToNoise(hz: number, rate: number, sound: Float32Array): number {
  let signal = 0
  let noise = 0
  for (let i = Math.floor(rate / 2); i < rate; i++) {
    const ideal = Math.sin((2 * Math.PI * hz * i) / rate)
    signal += ideal ** 2
    noise += ((sound[i] ?? 0) - ideal) ** 2
  }
  return 10 * Math.log10(signal / noise)
}

/** dB of a sine of amplitude 1 over what is left of it. */
function rejection(sound: Float32Array, rate: number): number {
  let left = 0
  for (let i = Math.floor(rate / 2); i < rate; i++) left += (sound[i] ?? 0) ** 2
  return 10 * Math.log10((rate - Math.floor(rate / 2)) / 2 / left)
}

const PAIRS: readonly (readonly [number, number])[] = [
  [24_000, 8000],
  [24_000, 16_000],
  [24_000, 22_050],
  [24_000, 44_100],
  [24_000, 48_000],
  [24_000, 96_000],
  [8000, 16_000],
  [24_000, 16_000],
  [32_000, 16_000],
  [44_100, 16_000],
  [48_000, 16_000],
  [96_000, 16_000],
  [192_000, 16_000],
]

describe.each(PAIRS)('%i Hz to %i Hz', (from, to) => {
  const lower = Math.min(from, to)

  test('keeps a sine up to 0.8 of the lower Nyquist frequency with more than 70 dB', () => {
    for (const share of [0.02, 0.2, 0.5, 0.8]) {
      const hz = (share * lower) / 2
      expect(signalToNoise(hz, to, convert(from, to, sine(hz, from, 1.1 * from)))).toBeGreaterThan(70)
    }
  })

  test('lets nothing above the lower Nyquist frequency through with less than 70 dB', () => {
    if (to >= from) return
    for (const share of [1.02, 1.3, 1.9].filter((factor) => (factor * to) / 2 < from / 2)) {
      const hz = (share * to) / 2
      expect(rejection(convert(from, to, sine(hz, from, 1.1 * from)), to)).toBeGreaterThan(70)
    }
  })

  test('gives one sample for each that is due', () => {
    expect(Math.abs(convert(from, to, new Float32Array(from)).length - to)).toBeLessThanOrEqual(to / lower)
  })
})

test('images of an upsampled sine are as silent', () => {
  // 10 kHz of 24 kHz comes again at 14 kHz: take the wanted one away and see what is left
  expect(signalToNoise(9600, 48_000, convert(24_000, 48_000, sine(9600, 24_000, 26_400)))).toBeGreaterThan(70)
})

test('a constant stays what it is', () => {
  for (const [from, to] of PAIRS) {
    const sound = convert(from, to, new Float32Array(from / 2).fill(0.5)).subarray(to / 10, to / 4)
    for (const sample of sound) expect(sample).toBeCloseTo(0.5, 6)
  }
})

test('equal rates change nothing', () => {
  const input = sine(1000, 24_000, 5000)
  expect(convert(24_000, 24_000, input)).toEqual(input)
})

test('rates without a common measure lose some quality, not time', () => {
  const sound = convert(44_101, 16_000, sine(1000, 44_101, 1.1 * 44_101))
  expect(signalToNoise(1000, 16_000, sound)).toBeGreaterThan(70)
})

test('the pieces in which it comes make no difference', () => {
  const input = sine(1234, 44_100, 4000)
  const whole = convert(44_100, 16_000, input)
  fc.assert(
    fc.property(fc.array(fc.integer({min: 1, max: 1000}), {minLength: 1, maxLength: 20}), (pieces) => {
      expect(convert(44_100, 16_000, input, pieces)).toEqual(whole)
    }),
    {numRuns: 50},
  )
})

test('after a reset nothing is left of what came before', () => {
  const resampler = new Resampler(24_000, 48_000)
  resampler.process(new Float32Array(500).fill(1))
  resampler.reset()
  expect(resampler.process(new Float32Array(500)).every((sample) => sample === 0)).toBe(true)
  expect(resampler.pending).toBeLessThanOrEqual(resampler.margin)
})

test('needed says exactly what a pull takes, pending what has not come out', () => {
  for (const [from, to] of PAIRS) {
    const resampler = new Resampler(from, to)
    const output = new Float32Array(128)
    let pushed = 0
    let pulled = 0
    for (let turn = 0; turn < 200; turn++) {
      const count = 1 + ((turn * 37) % 128)
      const needed = resampler.needed(count)
      if (needed > 0) {
        resampler.push(new Float32Array(needed), needed - 1)
        expect(resampler.pull(output, 0, 0)).toBe(0)
        expect(resampler.needed(count)).toBe(1)
        resampler.push(new Float32Array(1))
      }
      expect(resampler.pull(output, 0, count)).toBe(count)
      pushed += needed
      pulled += count
      expect(pushed - resampler.pending).toBe(Math.min(pushed, Math.ceil((pulled * from) / to)))
    }
  }
})
