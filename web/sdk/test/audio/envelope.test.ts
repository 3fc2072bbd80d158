import {describe, expect, test} from 'vitest'
import {CENTRES, Envelope} from '../../src/audio/envelope.ts'

function tone(hz: number, rate: number, level: number, seconds: number): Float32Array {
  return Float32Array.from(
    {length: rate * seconds},
    (_, i) => level * Math.SQRT2 * Math.sin((2 * Math.PI * hz * i) / rate),
  )
}

function settle(envelope: Envelope, samples: Float32Array): number {
  let blocks = 0
  for (let at = 0; at < samples.length; at += 128) if (envelope.push(samples.subarray(at, at + 128))) blocks++
  return blocks
}

describe('an envelope', () => {
  test.each([16_000, 44_100, 48_000])('measures a tone in its band and overall, at %i Hz', (rate) => {
    for (const [band, hz] of CENTRES.entries()) {
      const envelope = new Envelope(rate)
      settle(envelope, tone(hz, rate, 0.1, 0.5))
      expect(envelope.level).toBeCloseTo(0.1, 2)
      expect(Math.abs(10 * Math.log10((envelope.power[band] ?? 0) / 0.01))).toBeLessThan(0.5)
      for (const [other, power] of envelope.power.entries()) {
        if (Math.abs(other - band) > 1) expect(10 * Math.log10(power / 0.01)).toBeLessThan(-9)
      }
    }
  })

  test('hears the same at every rate', () => {
    const [a, b] = [new Envelope(16_000), new Envelope(48_000)]
    settle(a, tone(900, 16_000, 0.1, 0.5))
    settle(b, tone(900, 48_000, 0.1, 0.5))
    for (const band of CENTRES.keys()) {
      expect(Math.abs(10 * Math.log10((a.power[band] ?? 0) / (b.power[band] ?? 1)))).toBeLessThan(1)
    }
  })

  test('leaves hum out', () => {
    const envelope = new Envelope(48_000)
    settle(envelope, tone(50, 48_000, 0.1, 0.5))
    for (const power of envelope.power) expect(10 * Math.log10(power / 0.01)).toBeLessThan(-17)
  })

  test('has a block every 10 ms, whatever the quanta are', () => {
    expect(settle(new Envelope(48_000), new Float32Array(48_000))).toBe(100)
    expect(settle(new Envelope(44_100), new Float32Array(44_100))).toBe(100)
    expect(new Envelope(44_100).seconds).toBe(0.01)
    expect(new Envelope(8000).seconds).toBe(0.016)
  })

  test('falls to exact silence, not to numbers that are slow to compute with', () => {
    const envelope = new Envelope(16_000)
    settle(envelope, tone(900, 16_000, 0.5, 0.1))
    settle(envelope, new Float32Array(16_000))
    expect([...envelope.power]).toEqual(CENTRES.map(() => 0))
  })
})
