import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {type Block, Detector, DOUBT, ECHO, type LevelsReport, REPORT} from '../../src/audio/detector.ts'
import {CENTRES, Envelope} from '../../src/audio/envelope.ts'

const BLOCK_S = 0.01
const BANDS = CENTRES.length
const NOISE = 1e-5

type Powers = readonly number[]

/** Numbers of 0 to 1 that are always the same. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Envelopes of somebody who talks: syllables of 80 to 250 ms with pauses, each with its own colour. */
function speech(blocks: number, power: number, seed: number): Powers[] {
  const next = chance(seed)
  const made: Powers[] = []
  while (made.length < blocks) {
    const length = 8 + Math.floor(17 * next())
    const loud = power * (0.2 + 2 * next())
    const colour = CENTRES.map((_, band) => (0.2 + next()) / (1 + band))
    for (let i = 0; i < length; i++) {
      const swell = Math.sin((Math.PI * (i + 0.5)) / length)
      made.push(colour.map((part) => loud * part * swell))
    }
    const pause = Math.floor((next() < 0.2 ? 40 : 8) * next())
    for (let i = 0; i < pause; i++) made.push(CENTRES.map(() => 0))
  }
  return made.slice(0, blocks)
}

const silence = (blocks: number): Powers[] => Array.from({length: blocks}, () => CENTRES.map(() => 0))

function echo(far: readonly Powers[], delayMs: number, lossDb: number): Powers[] {
  const delay = Math.round(delayMs / 10)
  return far.map((_, i) => (far[i - delay] ?? CENTRES.map(() => 0)).map((p) => p * 10 ** (-lossDb / 10)))
}

function block(powers: Powers): Block {
  const power = Float64Array.from(powers)
  return {power, level: Math.sqrt(power.reduce((sum, p) => sum + p, 0))}
}

/** Runs a detector over blocks of far end and microphone; the room's noise is added. Blocks in which it doubted. */
function hear(detector: Detector, far: readonly Powers[], near: readonly Powers[], noise = NOISE, seed = 7): number[] {
  const next = chance(seed)
  const doubts: number[] = []
  far.forEach((played, i) => {
    const heard = (near[i] ?? []).map((p) => p + noise * (0.6 + 0.8 * next()))
    if (detector.step(block(heard), block(played)) & DOUBT) doubts.push(i)
  })
  return doubts
}

const add = (a: readonly Powers[], b: readonly Powers[]): Powers[] =>
  a.map((powers, i) => powers.map((p, band) => p + (b[i]?.[band] ?? 0)))

describe('what it finds out', () => {
  test.each([
    [0, 6],
    [50, 20],
    [170, 12],
    [290, 30],
    [390, 3],
  ])('a delay of %i ms and a return loss of %i dB', (delayMs, lossDb) => {
    const detector = new Detector(BLOCK_S)
    const far = [...silence(100), ...speech(1500, 0.01, 3)]
    hear(detector, far, echo(far, delayMs, lossDb), 1e-8)
    expect(Math.abs((detector.delayMs ?? -999) - delayMs)).toBeLessThanOrEqual(10)
    expect(Math.abs((detector.returnLossDb ?? -999) - lossDb)).toBeLessThanOrEqual(2)
  })

  test('the noise of the room, to 2 dB', () => {
    const detector = new Detector(BLOCK_S)
    hear(detector, silence(600), silence(600), 1e-5)
    const wanted = 10 * Math.log10(1e-5 * BANDS)
    expect(Math.abs((detector.noiseDbfs ?? 0) - wanted)).toBeLessThanOrEqual(2)
  })

  test('nothing about an echo that is not there', () => {
    const detector = new Detector(BLOCK_S)
    const far = speech(1500, 0.01, 3)
    hear(detector, far, silence(1500))
    expect(detector.delayMs).toBeNull()
    expect(detector.returnLossDb).toBeGreaterThan(25)
    expect(new Detector(BLOCK_S).returnLossDb).toBeNull()
    expect(new Detector(BLOCK_S).noiseDbfs).toBeNull()
  })

  test.each([
    [35, 'good'],
    [17, 'poor'],
    [6, 'raw'],
  ] as const)('%i dB of return loss is %s echo, told once and after three seconds of the agent', (lossDb, state) => {
    const detector = new Detector(BLOCK_S)
    const far = [...silence(100), ...speech(1500, 0.01, 5)]
    const near = echo(far, 120, lossDb)
    const told: number[] = []
    far.forEach((played, i) => {
      if (detector.step(block((near[i] ?? []).map((p) => p + 1e-8)), block(played)) & ECHO) told.push(i)
    })
    expect(detector.echo).toBe(state)
    expect(told).toHaveLength(1)
    expect(told[0]).toBeGreaterThan(400)
  })
})

describe('whom it doubts', () => {
  test('not the agent, at any delay and level', () => {
    for (const delayMs of [0, 40, 100, 170, 240, 300, 400]) {
      for (const lossDb of [-6, 0, 6, 14, 25, 40]) {
        for (const seed of [1, 2]) {
          const far = [...silence(100), ...speech(1500, 0.01, seed)]
          expect(hear(new Detector(BLOCK_S), far, echo(far, delayMs, lossDb)), `${delayMs} ms, ${lossDb} dB`).toEqual(
            [],
          )
        }
      }
    }
  })

  test.each([0, 14, 25, 40])('somebody as loud as the agent, over it, behind %i dB of return loss', (lossDb) => {
    const far = [...silence(100), ...speech(1400, 0.01, 1)]
    const caller = [...silence(1000), ...speech(300, 0.03, 9), ...silence(200)]
    const doubts = hear(new Detector(BLOCK_S), far, add(echo(far, 170, lossDb), caller))
    expect(doubts.length).toBeGreaterThan(0)
    expect(doubts[0]).toBeGreaterThanOrEqual(1000)
    expect(doubts[0]).toBeLessThan(1100)
  })

  test('once for a sound, since when it began', () => {
    const detector = new Detector(BLOCK_S)
    const far = speech(1200, 0.01, 1)
    const steady = Array.from({length: 100}, () => CENTRES.map(() => 0.001))
    const doubts = hear(detector, far, [...silence(1000), ...steady, ...silence(100)])
    expect(doubts).toHaveLength(1)
    expect(doubts[0]).toBeLessThanOrEqual(1015)
    expect(Math.abs(1000 + detector.soundedFor * 100 - (doubts[0] ?? 0))).toBeLessThan(30)
    expect(detector.doubtLevel).toBeCloseTo(Math.sqrt(0.001 * BANDS), 2)
  })

  test('a second sound, too', () => {
    const far = speech(1600, 0.01, 1)
    const steady = Array.from({length: 60}, () => CENTRES.map(() => 0.001))
    const caller = [...silence(1000), ...steady, ...silence(200), ...steady, ...silence(280)]
    expect(hear(new Detector(BLOCK_S), far, caller)).toHaveLength(2)
  })

  test('nobody while nothing is played: that is for the gate', () => {
    expect(hear(new Detector(BLOCK_S), silence(1000), speech(1000, 0.03, 2))).toEqual([])
  })

  test('nobody before it knows what comes back', () => {
    const far = speech(50, 0.01, 1)
    expect(hear(new Detector(BLOCK_S), far, speech(50, 0.03, 2))).toEqual([])
  })

  test('no echo that comes through for a moment because both have spoken', () => {
    const detector = new Detector(BLOCK_S)
    const far = speech(1400, 0.01, 1)
    const caller = [...silence(1000), ...Array.from({length: 50}, () => CENTRES.map(() => 0.002)), ...silence(350)]
    // cancelled by 45 dB, by 24 in the second after the caller spoke
    const back = far.map((powers, i) => powers.map((p) => p * 10 ** (i > 1050 && i < 1150 ? -2.4 : -4.5)))
    const doubts = hear(detector, far, add(back, caller), 1e-7)
    expect(doubts).toHaveLength(1)
  })

  test('a room that has become noisy only for a few seconds, and somebody in it again', () => {
    const detector = new Detector(BLOCK_S)
    const far = speech(4000, 0.01, 1)
    const next = chance(11)
    const near = far.map((_, i) =>
      CENTRES.map(() => (i > 1000 ? 2e-4 * (0.6 + 0.8 * next()) : 0) + (i > 3800 && i < 3900 ? 0.01 : 0)),
    )
    const doubts = hear(detector, far, near)
    expect(doubts.slice(1, -1).every((i) => i < 1400)).toBe(true)
    expect(doubts.at(-1)).toBeGreaterThan(3800)
  })
})

describe('reports', () => {
  test('once a second over the agent, every five seconds otherwise, and no more than the protocol takes', () => {
    const detector = new Detector(BLOCK_S)
    const reports: [number, LevelsReport][] = []
    const far = [...silence(1000), ...speech(500, 0.01, 1)]
    far.forEach((played, i) => {
      if (detector.step(block(CENTRES.map(() => 0.0025)), block(played)) & REPORT) reports.push([i, detector.report()])
    })
    expect(reports.map(([i]) => i)).toEqual([499, 999, 1099, 1199, 1299, 1399, 1499])
    for (const [i, report] of reports) {
      expect(report.step).toBe(800)
      expect(report.mic).toHaveLength(i < 1000 ? 100 : 20)
      expect(report.far).toHaveLength(report.mic.length)
      expect(report.mic[0]).toBe(-20)
    }
    expect(reports[0]?.[1].far[0]).toBe(-120)
    expect(reports[6]?.[1].noiseDbfs).toBeCloseTo(-20, 0)
  })

  test('nobody who takes them: the longest one stays', () => {
    const detector = new Detector(BLOCK_S)
    for (let i = 0; i < 5000; i++) detector.step(block(CENTRES.map(() => 0.0025)), block(CENTRES.map(() => 0)))
    expect(detector.report().mic).toHaveLength(100)
  })
})

describe('bad input', () => {
  const odd = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1, -1, 1e30, 5e-324, 3.4e38),
  )

  test('any samples: envelopes are numbers of 0 to 1, and the detector goes on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(odd, {minLength: 1, maxLength: 160}), {maxLength: 40}),
        fc.constantFrom(8000, 16_000, 44_100, 48_000, 192_000),
        (quanta, rate) => {
          const mic = new Envelope(rate)
          const far = new Envelope(rate)
          const detector = new Detector(mic.seconds)
          for (const quantum of quanta) {
            for (let i = 0; i < 10; i++) {
              far.push(Float32Array.from(quantum).reverse())
              if (!mic.push(Float32Array.from(quantum))) continue
              for (const value of [mic.level, far.level, ...mic.power, ...far.power]) {
                expect(value).toBeGreaterThanOrEqual(0)
                expect(value).toBeLessThanOrEqual(4)
              }
              expect(detector.step(mic, far)).toBeGreaterThanOrEqual(0)
            }
          }
          const report = detector.report()
          for (const value of [...report.mic, ...report.far]) expect(Number.isFinite(value)).toBe(true)
          for (const value of [report.returnLossDb, report.delayMs, report.noiseDbfs]) {
            expect(value === null || Number.isFinite(value)).toBe(true)
          }
        },
      ),
      {numRuns: 60},
    )
  })

  test('zeros, and then what is not a number', () => {
    const detector = new Detector(BLOCK_S)
    const mic = new Envelope(16_000)
    const far = new Envelope(16_000)
    const said = new Set<number>()
    for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY, 0]) {
      for (let i = 0; i < 500; i++) {
        far.push(new Float32Array(160).fill(value))
        if (mic.push(new Float32Array(160).fill(value))) said.add(detector.step(mic, far) & DOUBT)
      }
    }
    expect([...said]).toEqual([0])
  })

  test('after it, a caller is heard as before', () => {
    const detector = new Detector(BLOCK_S)
    const mic = new Envelope(16_000)
    for (let i = 0; i < 20; i++) mic.push(new Float32Array(160).fill(Number.NaN))
    expect([...mic.power]).toEqual(CENTRES.map(() => 0))
    const far = speech(1500, 0.01, 1)
    const doubts = hear(detector, far, [...silence(1000), ...speech(500, 0.03, 9)])
    expect(doubts[0]).toBeGreaterThanOrEqual(1000)
  })
})
