import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {DOWNLINK_GAP_MS, LATE_MS, Lateness, UPLINK_GAP_MS} from '../../src/worker/lateness.ts'

const FRAME = 512
const FRAME_S = 0.032

describe('lateness of microphone frames', () => {
  test('frames on the 10 ms grid of a device are in time', () => {
    const lateness = new Lateness()
    for (let index = 1; index < 1000; index++) {
      const grid = Math.ceil((index * FRAME_S) / 0.01) * 0.01
      expect(lateness.frame(index * FRAME, 0, 7 + grid)).toBeNull()
    }
  })

  test('a burst after a stall is told once, with the worst of it', () => {
    const lateness = new Lateness()
    const told = []
    for (let index = 1; index < 100; index++) {
      const due = index * FRAME_S
      const now = due > 1 && due < 1.4 ? 1.4 : due // everything of 0.4 s comes at its end
      const delay = lateness.frame(index * FRAME, 0, now)
      if (delay !== null) told.push(delay)
    }
    expect(told).toHaveLength(1)
    expect(told[0]?.what).toBe('late_frame')
    expect(told[0]?.ms).toBeGreaterThan(300)
    expect(told[0]?.ms).toBeLessThan(400)
    expect(told[0]?.count).toBe(11)
  })

  test('a clock that stood, since its context was silenced, is told once and learnt anew', () => {
    const lateness = new Lateness()
    const told = []
    for (let index = 1; index < 2000; index++) {
      const stood = index > 500 ? 30 : 0
      const late = index === 1500 ? 0.2 : 0
      const delay = lateness.frame(index * FRAME, 0, index * FRAME_S + stood + late)
      if (delay !== null) told.push(Math.round(delay.ms / 100) * 100)
    }
    expect(told).toEqual([30_000, 200])
  })

  test('clocks that part by 100 ppm are not lateness', () => {
    const lateness = new Lateness()
    for (let index = 1; index < 60_000; index++) {
      expect(lateness.frame(index * FRAME, 0, index * FRAME_S * 1.0001)).toBeNull()
    }
  })

  test('a clock that jumped is learnt anew', () => {
    const lateness = new Lateness()
    lateness.frame(FRAME, 0, 1)
    lateness.restart()
    expect(lateness.frame(FRAME, 0, 50)).toBeNull()
    expect(lateness.frame(2 * FRAME, 0, 50 + FRAME_S)).toBeNull()
  })
})

describe('the network', () => {
  test('that takes nothing is told when it flows again', () => {
    const lateness = new Lateness()
    let now = 0
    const next = (unsent: number) => {
      now += FRAME_S
      return lateness.frame((now / FRAME_S) * FRAME, unsent, now)
    }
    expect(next(0)).toBeNull()
    for (let index = 0; index < 5; index++) expect(next(1000)).toBeNull()
    expect(next(0), 'under the bound').toBeNull()
    for (let index = 0; index * FRAME_S * 1000 < UPLINK_GAP_MS; index++) expect(next(1000)).toBeNull()
    const gap = next(0)
    expect(gap?.what).toBe('network_gap')
    expect(gap?.ms).toBeGreaterThanOrEqual(UPLINK_GAP_MS)
    expect(next(0)).toBeNull()
  })

  test('that brought nothing is named when the loudspeaker runs dry', () => {
    const lateness = new Lateness()
    expect(lateness.ranDry(1)).toBeNull()
    lateness.received(1)
    expect(lateness.ranDry(1 + DOWNLINK_GAP_MS / 2000)).toBeNull()
    expect(lateness.ranDry(3)).toEqual({what: 'network_gap', ms: 2000, count: 1})
  })
})

test('whatever comes, what is told is a length and a count', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({min: 0, max: 1e9}),
          fc.integer({min: 0, max: 1e6}),
          fc.double({min: 0, max: 5, noNaN: true}),
        ),
      ),
      (steps) => {
        const lateness = new Lateness()
        let now = 0
        for (const [position, unsent, wait] of steps) {
          now += wait
          const delay = lateness.frame(position, unsent, now)
          if (delay === null) continue
          expect(delay.ms).toBeGreaterThan(Math.min(LATE_MS, UPLINK_GAP_MS) - 1e-6)
          expect(delay.count).toBeGreaterThan(0)
        }
      },
    ),
  )
})
