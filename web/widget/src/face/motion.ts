// How a face moves: a pure machine, `step` from one moment to the next. Time and chance are arguments, so one seed is
// one face. All of it is small and slow but lids and mouth: what moves much is watched, and what is watched is not heard.

import type {Bands} from '../../../sdk/src/index.ts'
import type {Mood} from './mood.ts'

export interface Pose {
  /** Of the mouth, each 0..1: how far it is open, how wide, how round. */
  open: number
  width: number
  round: number
  smile: number
  /** Of the eyes: 0 shut, 1 open; and what a blink leaves of that. */
  lids: number
  blink: number
  /** Where they look, -1..1. */
  x: number
  y: number
  /** How far the brows are raised, -1..1. */
  brow: number
  /** Of the head, in degrees. */
  tilt: number
  /** Of the breath, -1..1. */
  breath: number
}

export interface Motion {
  readonly pose: Readonly<Pose>
  /** In seconds, on the clock of whoever steps it. */
  readonly at: number
  readonly blinkAt: number
  readonly glanceAt: number
  readonly glance: readonly [number, number]
}

/** Seconds: half of it to shut, half to open. */
const BLINK_S = 0.16
const BREATHS_HZ = 0.22
/** After a pause (a hidden tab) a face goes on from where it was. */
const MAX_STEP_S = 0.1

const calm: Readonly<Pose> = {
  open: 0,
  width: 0.5,
  round: 0,
  smile: 0.6,
  lids: 1,
  blink: 1,
  x: 0,
  y: 0,
  brow: 0,
  tilt: 0,
  breath: 0,
}

/** Each mood at rest: what a face that must not move looks like. */
export const POSES: {readonly [mood in Mood]: Readonly<Pose>} = {
  rest: calm,
  listens: {...calm, smile: 0.5, brow: 0.5, tilt: 4, y: 0.1},
  thinks: {...calm, smile: 0.3, x: 0.65, y: -0.75, brow: 0.4, tilt: -2, width: 0.35},
  speaks: {...calm, smile: 0.55, brow: 0.15},
  away: {...calm, lids: 0, smile: 0.7, brow: -0.2},
}

export function still(mood: Mood, now: number): Motion {
  return {pose: POSES[mood], at: now, blinkAt: now + 1.5, glanceAt: now + 1, glance: [0, 0]}
}

/** Seconds in which most of the way to where a part is going is done. What is not here goes there at once. */
const TAUS_S: Partial<Record<keyof Pose, number>> = {
  width: 0.06,
  round: 0.06,
  smile: 0.3,
  lids: 0.12,
  x: 0.03,
  y: 0.03,
  brow: 0.16,
  tilt: 0.35,
}

/** @param chance draws from 0 to 1. */
export function step(motion: Motion, mood: Mood, now: number, bands: Bands, chance: () => number): Motion {
  const dt = Math.min(MAX_STEP_S, Math.max(0, now - motion.at))
  const awake = mood !== 'away'
  let {blinkAt, glanceAt, glance} = motion
  if (now >= glanceAt) {
    glance = glanceOf(mood, chance)
    glanceAt = now + 0.7 + 2.6 * chance()
  }
  // now and then somebody blinks twice
  if (now - blinkAt > BLINK_S) blinkAt = now + (chance() < 0.1 ? 0.08 : 2 + 4 * chance())

  const aim = POSES[mood]
  const mouth = mood === 'speaks' ? mouthOf(bands) : aim
  const aims: Pose = {
    ...aim,
    // the bands are eased where they are measured; to ease them again would let the mouth go on after a cut
    ...(mouth.open > 0 && mouth),
    x: aim.x + (awake ? glance[0] : 0),
    y: aim.y + (awake ? glance[1] : 0),
    brow: aim.brow + 0.5 * mouth.open,
    blink: awake ? lidsAt(now - blinkAt) : 1,
    breath: awake ? Math.sin(now * 2 * Math.PI * BREATHS_HZ) : 0,
  }
  const pose = {...aims}
  for (const name of Object.keys(TAUS_S) as (keyof Pose)[])
    pose[name] += (motion.pose[name] - aims[name]) * Math.exp(-dt / (TAUS_S[name] ?? 1))
  return {at: now, blinkAt, glanceAt, glance, pose}
}

/** Whether the next step would show what this one shows: the eyes are shut, and the head, the slowest, has come upright. */
export function isStill({pose}: Motion, mood: Mood): boolean {
  return mood === 'away' && pose.lids < 0.01 && Math.abs(pose.tilt) < 0.05
}

/** The mouth that makes such a sound: low is a jaw that falls, mid and high a smile of teeth, low alone an "oh". */
export function mouthOf([low, mid, high]: Bands): Pick<Pose, 'open' | 'width' | 'round'> {
  const [l, m, h] = [loud(low), loud(mid), loud(high)]
  const open = bounded(0.75 * l + 0.4 * m - 0.1 * h)
  return {open, width: bounded(0.4 + 0.5 * m + 0.5 * h - 0.3 * l), round: bounded(1.1 * l - 1.3 * m - 0.8 * h)}
}

/** Breath and hiss are nothing, and neither is what is no number. */
function loud(energy: number): number {
  return bounded(1.1 * (energy || 0) - 0.06)
}

function bounded(value: number): number {
  return Math.min(1, Math.max(0, value))
}

function glanceOf(mood: Mood, chance: () => number): readonly [number, number] {
  // who listens or speaks looks at the caller, and away for a moment now and then
  const far = mood === 'rest' || chance() < 0.2 ? 0.4 : 0.12
  return [(chance() * 2 - 1) * far, (chance() * 2 - 1) * far * 0.5]
}

/** How far the lids are open, `t` seconds after a blink began. */
function lidsAt(t: number): number {
  return t < 0 ? 1 : Math.min(1, Math.max(0, Math.abs(t / (BLINK_S / 2) - 1) * 1.15 - 0.15))
}
