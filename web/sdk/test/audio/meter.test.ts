import {describe, expect, it} from 'vitest'
import {Meter} from '../../src/audio/meter.ts'

const RATE = 48_000
/** 25 ms in quanta of 128 samples, and the rest. */
const block = (level: number) => new Float32Array(1200).fill(level)

describe('meter', () => {
  it('rises at once and falls by a third every 25 ms', () => {
    const meter = new Meter(RATE)
    expect(meter.push(block(0.5))).toBe(true)
    expect(meter.level).toBeCloseTo(0.5)
    const falling = [0.35, 0.245, 0.1715].map((level) => [meter.push(block(0)), meter.level, level] as const)
    for (const [measured, got, want] of falling) {
      expect(measured).toBe(true)
      expect(got).toBeCloseTo(want)
    }
    meter.push(block(0.9))
    expect(meter.level).toBeCloseTo(0.9)
  })

  it('measures each 25 ms, in quanta of any length', () => {
    const meter = new Meter(RATE)
    let measured = 0
    for (let frame = 0; frame < RATE; frame += 128) if (meter.push(new Float32Array(128).fill(0.1))) measured++
    expect(measured).toBe(40)
  })

  it('shows nothing of what is no number and stays within 1', () => {
    const meter = new Meter(RATE)
    meter.push(block(Number.NaN))
    expect(meter.level).toBe(0)
    meter.push(block(Number.POSITIVE_INFINITY))
    meter.push(block(7))
    expect(meter.level).toBe(1)
    meter.push(block(0))
    expect(meter.level).toBeCloseTo(0.7)
  })
})
