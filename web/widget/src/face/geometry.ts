// A pose as lines: what each path of the face is, in a box of 200 by 200. Pure numbers and text.

import type {Pose} from './motion.ts'

export interface Lines {
  /** Transforms: of the whole head, and of what is drawn on it, which slides as the head turns. */
  readonly head: string
  readonly features: string
  /** Of the light in the eyes. */
  readonly light: string
  /** Whether the eyes are open enough for it. */
  readonly lit: boolean
  readonly paths: {
    readonly [path in 'leftEye' | 'rightEye' | 'leftBrow' | 'rightBrow' | 'mouth' | 'tongue']: string
  }
}

const EYE = {apart: 27, y: 96, width: 8, height: 11.5}
const BROW = {apart: 28, y: 71, width: 11, bend: 6, raise: 5}
const MOUTH = {y: 131, narrow: 15, wide: 25, deep: 25}

export function lines(pose: Pose): Lines {
  const {x, y, tilt, breath, brow} = pose
  const lids = pose.lids * pose.blink
  return {
    head: text`translate(100 ${112 - breath * 0.8})rotate(${tilt})scale(${1 - breath * 0.004} ${1 + breath * 0.008})translate(-100 -112)`,
    features: text`translate(${x * 5} ${y * 4})`,
    light: text`translate(${x * 3} ${y * 2})`,
    lit: lids > 0.6,
    paths: {
      leftEye: eyeOf(100 - EYE.apart + x * 2, EYE.y + y * 1.5, lids),
      rightEye: eyeOf(100 + EYE.apart + x * 2, EYE.y + y * 1.5, lids),
      leftBrow: browOf(100 - BROW.apart, brow),
      rightBrow: browOf(100 + BROW.apart, brow),
      ...mouthOf(pose),
    },
  }
}

/** Two curves from corner to corner; the middle of each stands at three quarters of the way to its handles. */
function lens(x: number, y: number, half: number, handle: number, above: number, below: number): string {
  const [left, right, near, far] = [x - half, x + half, x - handle, x + handle]
  return text`M${left} ${y}C${near} ${above} ${far} ${above} ${right} ${y}C${far} ${below} ${near} ${below} ${left} ${y}Z`
}

/** Two lids that meet below the middle when they close: a shut eye smiles. */
function eyeOf(x: number, y: number, lids: number): string {
  const half = EYE.width + 2 * (1 - lids)
  const tall = (EYE.height / 0.75) * lids
  const meet = y + 7 * (1 - lids)
  return lens(x, y, half, half * (0.6 + 0.28 * lids), meet - tall, meet + tall)
}

function browOf(x: number, raised: number): string {
  const y = BROW.y - raised * BROW.raise
  const above = y - BROW.bend - raised
  return lens(x, y, BROW.width, BROW.width * 0.5, above, above)
}

/** Closed, both lips are one line; open, the lower one falls, and an "oh" grows both ways. */
function mouthOf({open, width, round, smile}: Pose): {readonly mouth: string; readonly tongue: string} {
  const oh = round * Math.min(1, open * 2)
  const half = (MOUTH.narrow + (MOUTH.wide - MOUTH.narrow) * width) * (1 - 0.4 * oh)
  const deep = open * MOUTH.deep
  const up = smile * 7 * (1 - 0.4 * open) * (1 - oh)
  const corner = MOUTH.y - up
  const rest = corner + up * 1.5
  const lower = rest + deep * (1 - 0.15 * oh)
  // on the lower lip, inside it; nothing to see in a mouth that is hardly open
  const tip = corner + 0.75 * (lower - corner)
  const wide = half * (0.45 + 0.1 * oh)
  return {
    mouth: lens(100, corner, half, half * (0.62 + 0.36 * oh + 0.16 * open), rest - deep * (0.15 + 0.6 * oh), lower),
    tongue: deep < 9 ? '' : lens(100, tip - 1.5, wide, wide * 0.6, tip - 1.5 - (deep - 9) * 0.6, tip + 1),
  }
}

/** Hundredths of a pixel are more than anybody sees. */
function text(parts: TemplateStringsArray, ...numbers: readonly number[]): string {
  return String.raw(parts, ...numbers.map((number) => Math.round(number * 100) / 100))
}
