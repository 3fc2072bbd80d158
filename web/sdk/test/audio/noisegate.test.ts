import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {FILTERS} from '../../src/audio/filters.ts'
import {GATES, type GatePreset, NoiseGate} from '../../src/audio/noisegate.ts'

const HZ = 16_000
const ms = (count: number, level: number) => new Float32Array((HZ * count) / 1000).fill(level)

describe('noise gate', () => {
  it('has the numbers of the mission', () => {
    expect(GATES).toEqual({
      studio: {threshold: 0.015, attackMs: 15, holdMs: 0, releaseMs: 250},
      office: {threshold: 0.025, attackMs: 30, holdMs: 350, releaseMs: 150},
      home: {threshold: 0.05, attackMs: 25, holdMs: 450, releaseMs: 150},
      noisy: {threshold: 0.08, attackMs: 20, holdMs: 600, releaseMs: 100},
    })
    expect(FILTERS).toEqual({
      light: {highpassHz: 70, lowpassHz: 11_000, ratio: 4},
      medium: {highpassHz: 90, lowpassHz: 9_000, ratio: 8},
      aggressive: {highpassHz: 120, lowpassHz: 7_000, ratio: 16},
    })
  })

  it.each(Object.keys(GATES) as GatePreset[])('goes through its four phases with the times of %s', (preset) => {
    const {threshold, attackMs, holdMs, releaseMs} = GATES[preset]
    const gate = new NoiseGate(GATES[preset], HZ)
    const run = (samples: Float32Array) => {
      gate.process(samples)
      return samples
    }
    expect(run(ms(200, threshold * 0.9)).every((x) => x === 0)).toBe(true)
    expect(gate.gain).toBe(0)
    run(ms(2, 0.9))
    const part = gate.gain
    expect(part).toBeGreaterThan(0)
    expect(part).toBeLessThan(1)
    expect(run(ms(attackMs + 2, 0.9)).at(-1)).toBeCloseTo(0.9)
    expect(gate.gain).toBe(1)
    // The level itself needs some half-lives to come down from 0.9 to the threshold.
    const fall = 10 * Math.log2((0.9 / threshold) ** 2)
    run(ms(fall + holdMs - 5, 0))
    expect(gate.gain).toBe(1)
    run(ms(10, 0))
    expect(gate.gain).toBeLessThan(1)
    run(ms(releaseMs - 10, 0))
    expect(gate.gain).toBeGreaterThan(0)
    run(ms(10, 0))
    expect(gate.gain).toBe(0)
  })

  it('opens again from where it is when somebody speaks while it closes', () => {
    const gate = new NoiseGate(GATES.studio, HZ)
    gate.process(ms(100, 0.5))
    gate.process(ms(100 + 125, 0))
    expect(gate.gain).toBeLessThan(0.6)
    const onset = ms(20, 0.5)
    gate.process(onset)
    expect(gate.gain).toBe(1)
    expect(onset[0]).toBeGreaterThan(0.1)
  })

  it('never makes a step larger than one of its ramps, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(GATES) as GatePreset[])),
        fc.array(fc.record({count: fc.integer({min: 1, max: 200}), level: fc.double({min: 0, max: 1, noNaN: true})}), {
          maxLength: 20,
        }),
        (preset, parts) => {
          const {attackMs, releaseMs} = GATES[preset]
          const gate = new NoiseGate(GATES[preset], HZ)
          const step = 1000 / (Math.min(attackMs, releaseMs) * HZ)
          let before = 0
          for (const {count, level} of parts) {
            const samples = ms(count, level)
            gate.process(samples)
            if (level === 0) continue
            // a constant level shows the gain; between parts nothing is known of it
            before = (samples[0] ?? 0) / level
            for (const x of samples) {
              const gain = x / level
              if (Math.abs(gain - before) > step + 1e-6) throw new Error(`gain went from ${before} to ${gain}`)
              before = gain
            }
          }
        },
      ),
      {numRuns: 50},
    )
  })
})
