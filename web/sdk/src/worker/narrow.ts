// What comes through the ports, before it is believed: our own processors speak there, but a bug in one thread must not
// become a call that hangs or a message that the server refuses.

import type {PageEvent} from '../core/signals.ts'
import type {CaptureToWorker, PlaybackToWorker} from '../ports.ts'

type Check = (value: unknown) => boolean
type Checks = {readonly [field: string]: Check}

const number: Check = (value) => Number.isFinite(value)
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const text: Check = (value) => typeof value === 'string'
const flag: Check = (value) => typeof value === 'boolean'
const any: Check = () => true
const level: Check = (value) => number(value) && (value as number) >= 0 && (value as number) <= 1
const numbers: Check = (value) => Array.isArray(value) && value.every(number)
const perhaps: Check = (value) => value === null || number(value)
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string)
const fields =
  (checks: Checks): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(checks).every(([name, holds]) => holds((value as Record<string, unknown>)[name]))
const missing =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

const fault = {
  what: oneOf(
    'underrun',
    'gap',
    'long_task',
    'stall',
    'late_frame',
    'network_gap',
    'mic_dropped',
    'suspended',
    'device',
    'hidden',
  ),
  ms: number,
  count,
}
const mode = oneOf('voice', 'text')

const CAPTURE: {readonly [Kind in CaptureToWorker['kind']]: Checks} = {
  frame: {
    position: count,
    pcm: (value) => value instanceof ArrayBuffer && value.byteLength > 0 && value.byteLength % 2 === 0,
    level,
  },
  doubt: {reply: count, at: count, level},
  levels: {
    at: count,
    step: count,
    mic: numbers,
    far: numbers,
    returnLossDb: perhaps,
    delayMs: perhaps,
    noiseDbfs: perhaps,
  },
  echo: {state: oneOf('good', 'poor', 'raw')},
  silent: {on: flag},
  fault: {...fault, at: count},
}

const PLAYBACK: {readonly [Kind in PlaybackToWorker['kind']]: Checks} = {
  played: {reply: count, samples: count, at: count},
  finished: {reply: count, samples: count, at: count},
  audible: {reply: count},
  fault: {...fault, at: count},
}

const PAGE: {readonly [Kind in PageEvent['kind']]: Checks} = {
  booked: {ticket: text, url: text, expiresInS: perhaps},
  start: {hello: fields({}), chance: level, heard: missing(fields({reply: count, samples: count}))},
  type: {text},
  correct: {field: text, value: any},
  mode: {mode},
  mute: {on: flag},
  half_duplex: {on: flag},
  consent: {decision: oneOf('given', 'refused', 'withdrawn'), textVersion: text},
  leave: {},
  offline: {},
  online: {},
  freeze: {},
  thaw: {},
  fault,
}

const holds = (value: unknown, kinds: {readonly [kind: string]: Checks}): boolean => {
  const kind = typeof value === 'object' && value !== null ? (value as {readonly kind?: unknown}).kind : undefined
  const checks = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  return checks !== undefined && fields(checks)(value)
}

export const isCapture = (value: unknown): value is CaptureToWorker => holds(value, CAPTURE)
export const isPlayback = (value: unknown): value is PlaybackToWorker => holds(value, PLAYBACK)
export const isPage = (value: unknown): value is PageEvent => holds(value, PAGE)
