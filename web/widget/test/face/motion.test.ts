import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {Mood} from '../../src/face/mood.ts'
import {isStill, type Motion, mouthOf, POSES, step, still} from '../../src/face/motion.ts'

type Bands = readonly [number, number, number]
const SILENCE: Bands = [0, 0, 0]
const LOUD: Bands = [0.8, 0.5, 0.3]
const FRAME_S = 1 / 60
const MOODS = Object.keys(POSES) as Mood[]

/** Chance with a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Every frame of so many seconds. */
function film(mood: Mood, seconds: number, bands: Bands = SILENCE, seed = 1): Motion[] {
  const chance = seeded(seed)
  const frames = [still(mood, 0)]
  for (let at = FRAME_S; at < seconds; at += FRAME_S)
    frames.push(step(frames.at(-1) ?? still(mood, 0), mood, at, bands, chance))
  return frames
}

/** Seconds at which the eyes were shut. */
function blinks(frames: readonly Motion[]): number[] {
  const shut = (at: number) => (frames[at]?.pose.blink ?? 1) < 0.35
  return frames.flatMap(({at}, index) => (shut(index) && !shut(index - 1) ? [at] : []))
}

describe('the face', () => {
  it('blinks every two to six seconds, sometimes twice', () => {
    const at = blinks(film('rest', 300))
    const gaps = at.slice(1).map((next, index) => next - (at[index] ?? 0))
    expect(at.length).toBeGreaterThan(50)
    expect(Math.max(...gaps)).toBeLessThan(6.3)
    expect(gaps.filter((gap) => gap > 0.35 && gap < 1.9)).toEqual([])
    expect(gaps.some((gap) => gap < 0.35)).toBe(true)
  })

  it('is open-eyed nearly all of the time', () => {
    const frames = film('rest', 120)
    expect(frames.filter(({pose}) => pose.blink < 1).length / frames.length).toBeLessThan(0.08)
  })

  it('closes its mouth in the very step in which the sound is gone', () => {
    const talking = film('speaks', 2, LOUD).at(-1) ?? still('speaks', 0)
    expect(talking.pose.open).toBeGreaterThan(0.5)
    expect(step(talking, 'speaks', 2, SILENCE, seeded(1)).pose.open).toBe(0)
    expect(step(talking, 'listens', 2, LOUD, seeded(1)).pose.open).toBe(0)
  })

  it('moves its mouth only when it speaks', () => {
    for (const mood of MOODS) {
      const opened = film(mood, 1, LOUD).some(({pose}) => pose.open > 0)
      expect(opened, mood).toBe(mood === 'speaks')
    }
  })

  it('makes another mouth for "oh", for "ah" and for "ee"', () => {
    const [oh, ah, ee] = [mouthOf([0.9, 0.1, 0]), mouthOf([0.8, 0.6, 0.1]), mouthOf([0.2, 0.5, 0.8])]
    expect(oh.round).toBeGreaterThan(0.6)
    expect(ah.open).toBeGreaterThan(Math.max(oh.open, ee.open))
    expect(ee.width).toBeGreaterThan(Math.max(oh.width, ah.width))
    expect(mouthOf([0.05, 0.05, 0.05]).open).toBe(0)
  })

  it('has its eyes elsewhere while it thinks, and tilts its head while it listens', () => {
    const poseOf = (mood: Mood) => (film(mood, 3).at(-1) ?? still(mood, 0)).pose
    expect(poseOf('thinks').y).toBeLessThan(-0.5)
    expect(poseOf('listens').tilt).toBeCloseTo(POSES.listens.tilt, 1)
    expect(Math.abs(poseOf('listens').x)).toBeLessThan(0.45)
  })

  it('comes to rest when the call is over, and to nothing else', () => {
    const awake = film('speaks', 3, LOUD).at(-1) ?? still('speaks', 0)
    const chance = seeded(3)
    let motion = awake
    for (let at = 3; at < 6; at += FRAME_S) motion = step(motion, 'away', at, LOUD, chance)
    expect(isStill(motion, 'away')).toBe(true)
    expect(isStill(awake, 'away')).toBe(false)
    expect(isStill(still('rest', 0), 'rest')).toBe(false)
  })

  it('is the same face for the same chance', () => {
    expect(film('rest', 20, SILENCE, 7)).toEqual(film('rest', 20, SILENCE, 7))
    expect(film('rest', 20, SILENCE, 7)).not.toEqual(film('rest', 20, SILENCE, 8))
  })

  it('never leaves its bounds, whatever is heard and however time runs', () => {
    const band = fc.oneof(fc.double({min: 0, max: 1}), fc.constantFrom(Number.NaN, -1, 9, Number.POSITIVE_INFINITY))
    const moment = fc.record({
      mood: fc.constantFrom(...MOODS),
      after: fc.constantFrom(0, 0.004, 0.016, 0.2, 900, -1),
      bands: fc.tuple(band, band, band),
    })
    fc.assert(
      fc.property(fc.array(moment, {maxLength: 60}), fc.integer(), (moments, seed) => {
        const chance = seeded(seed)
        let motion = still('rest', 10)
        for (const {mood, after, bands} of moments) {
          motion = step(motion, mood, motion.at + after, bands, chance)
          const {pose} = motion
          for (const name of ['open', 'width', 'round', 'smile', 'lids', 'blink'] as const) {
            expect(pose[name], name).toBeGreaterThanOrEqual(0)
            expect(pose[name], name).toBeLessThanOrEqual(1)
          }
          for (const name of ['x', 'y', 'brow', 'breath'] as const)
            expect(Math.abs(pose[name]), name).toBeLessThanOrEqual(1.2)
          expect(Math.abs(pose.tilt)).toBeLessThanOrEqual(5)
        }
      }),
    )
  })
})
