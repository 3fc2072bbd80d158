// The caller's microphone on its way out: positions moved to the call's clock, and the newest of it kept, sent or not. A
// socket that dies takes along what it had not delivered; who comes back learns how far they were heard, and goes on there.

import {CALLER_HZ, MAX_MIC_SAMPLES, MIN_MIC_SAMPLES} from './protocol.ts'

/**
 * So much of the newest sound is kept, 1 MB: a dead line is noticed within 10 s, and the tries that follow within the next
 * 20 s nearly always succeed. What is older would be an answer to a question that the agent has long left. Not tuned.
 */
export const KEPT_SAMPLES = 30 * CALLER_HZ
/**
 * And so much of what was said before the line was up. The call's clock stands behind it, and a server refuses sound that
 * is 30 s ahead of its own.
 */
export const EARLY_SAMPLES = 10 * CALLER_HZ

export type MicFrame = {readonly position: number; readonly pcm: ArrayBuffer}

export type MicrophoneQueue = {
  /** What is added to the capture processor's clock; null before its first frame. */
  readonly offset: number | null
  /** The call's clock: samples until the end of the newest frame. */
  readonly next: number
  /** When that frame came; before the first one, when the clock stood at `next`. */
  readonly lastAt: number
  /** Oldest first, never more than KEPT_SAMPLES. */
  readonly frames: readonly MicFrame[]
  readonly kept: number
  /** How many of the frames, the oldest, were sent over the socket that is there. */
  readonly sent: number
  /** Samples that had to go without being sent since the line was last live. */
  readonly dropped: number
}

export const silentSoFar: MicrophoneQueue = {
  offset: null,
  next: 0,
  lastAt: 0,
  frames: [],
  kept: 0,
  sent: 0,
  dropped: 0,
}

const samplesOf = ({pcm}: MicFrame) => pcm.byteLength / 2

/** A position of the capture processor's clock on the call's clock. */
export function onCallClock(queue: MicrophoneQueue, at: number): number {
  return Math.max(0, queue.offset === null ? queue.next : at + queue.offset)
}

/**
 * A frame of the capture processor, on the call's clock and at the queue's end; one of a length that the gateway refuses is
 * left out.
 */
export function take(queue: MicrophoneQueue, raw: number, pcm: ArrayBuffer, now: number): MicrophoneQueue {
  const samples = pcm.byteLength / 2
  if (samples < MIN_MIC_SAMPLES || samples > MAX_MIC_SAMPLES) return queue
  let {offset} = queue
  if (offset === null || raw + offset < queue.next) {
    // a clock that is new here, or went back: an AudioContext was made. The time between has passed for the call, too
    offset = queue.next + Math.max(0, Math.round((now - queue.lastAt) * CALLER_HZ) - samples) - raw
  }
  const position = raw + offset
  const frames = [...queue.frames, {position, pcm}]
  const kept = queue.kept + samples
  return bounded({...queue, offset, next: position + samples, lastAt: now, frames, kept}, KEPT_SAMPLES)
}

/** The call's clock stands at `at`, of which this queue knew nothing: what is kept moves behind it. */
export function moveTo(queue: MicrophoneQueue, at: number, now: number): MicrophoneQueue {
  const early = bounded(queue, EARLY_SAMPLES)
  const by = at - (early.frames[0]?.position ?? early.next)
  if (early.offset === null) return {...early, next: at, lastAt: now}
  const frames = early.frames.map(({position, pcm}) => ({position: position + by, pcm}))
  return {...early, frames, next: early.next + by, offset: early.offset + by}
}

/** The socket is gone, and nobody knows how much of what was sent has arrived. */
export const inDoubt = (queue: MicrophoneQueue): MicrophoneQueue => ({...queue, sent: 0})

/** The gateway has heard everything before `heard`, and waits for the rest. */
export function heardTo(queue: MicrophoneQueue, heard: number, now: number): MicrophoneQueue {
  if (heard > queue.next) return moveTo(emptied(queue), heard, now) // it would take nothing before that
  const sent = queue.frames.filter((frame) => frame.position + samplesOf(frame) <= heard).length
  const cut = queue.frames[sent]
  const dropped = Math.min(queue.dropped, Math.max(0, (queue.frames[0]?.position ?? 0) - heard))
  if (cut === undefined || cut.position >= heard) return {...queue, sent, dropped}
  // a server that took over may stand in the middle of a frame, and takes none that begins before
  const rest = {position: heard, pcm: cut.pcm.slice(2 * (heard - cut.position))}
  if (samplesOf(rest) < MIN_MIC_SAMPLES) return {...queue, sent: sent + 1, dropped}
  const frames = [...queue.frames.slice(0, sent), rest, ...queue.frames.slice(sent + 1)]
  return {...queue, frames, kept: queue.kept - (heard - cut.position), sent, dropped}
}

/** What still has to be sent. */
export const unsent = ({frames, sent}: MicrophoneQueue): readonly MicFrame[] => frames.slice(sent)

/** All of it is on its way. */
export function allSent(queue: MicrophoneQueue): MicrophoneQueue {
  return {...queue, sent: queue.frames.length, dropped: 0}
}

export function emptied(queue: MicrophoneQueue): MicrophoneQueue {
  return {...queue, frames: [], kept: 0, sent: 0}
}

function bounded(queue: MicrophoneQueue, samples: number): MicrophoneQueue {
  let {kept, dropped} = queue
  let from = 0
  for (const frame of queue.frames) {
    if (kept <= samples) break
    kept -= samplesOf(frame)
    if (from >= queue.sent) dropped += samplesOf(frame)
    from++
  }
  if (from === 0) return queue
  return {...queue, kept, dropped, frames: queue.frames.slice(from), sent: Math.max(0, queue.sent - from)}
}
