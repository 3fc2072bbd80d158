import {describe, expect, it} from 'vitest'
import {VoiceBands} from '../../src/audio/bands.ts'

/** So many seconds of a tone, in quanta. */
function play(bands: VoiceBands, hz: number, seconds: number, level: number, rate: number): void {
  const total = Math.round(rate * seconds)
  for (let from = 0; from < total; from += 128) {
    const length = Math.min(128, total - from)
    bands.push(Float32Array.from({length}, (_, i) => level * Math.sin((2 * Math.PI * hz * (from + i)) / rate)))
  }
}

describe.each([8_000, 16_000, 44_100, 48_000, 192_000])('at %i Hz', (rate) => {
  it.each([
    [500, 0],
    [1_300, 1],
    [3_000, 2],
  ])('%i Hz opens band %i the widest', (hz, band) => {
    const bands = new VoiceBands(rate)
    play(bands, hz, 0.5, 0.03, rate)
    const open = [...bands.open]
    expect(open.indexOf(Math.max(...open))).toBe(band)
    expect(open[band]).toBeGreaterThan(0.15)
    for (const value of open) expect(value).toBeLessThanOrEqual(1)
  })
})

it('opens by two thirds in 30 ms, and falls by as much in 90', () => {
  const bands = new VoiceBands(48_000)
  play(bands, 500, 0.03, 0.05, 48_000)
  const risen = bands.open[0] ?? 0
  play(bands, 500, 1, 0.05, 48_000)
  const full = bands.open[0] ?? 0
  expect(risen / full).toBeGreaterThan(0.5)
  expect(risen / full).toBeLessThan(0.7)
  play(bands, 500, 0.09, 0, 48_000)
  expect((bands.open[0] ?? 0) / full).toBeCloseTo(0.37, 1)
})

it('shows exactly nothing soon after silence has come, and nothing of what is no number', () => {
  const bands = new VoiceBands(48_000)
  play(bands, 500, 1, 1, 48_000)
  expect(bands.open[0]).toBeCloseTo(1, 5)
  play(bands, 500, 1, 0, 48_000)
  expect([...bands.open]).toEqual([0, 0, 0])
  bands.push(new Float32Array(4800).fill(Number.NaN))
  expect([...bands.open]).toEqual([0, 0, 0])
})
