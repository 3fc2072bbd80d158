// The caller's microphone on its way out: positions moved to the call's clock, and a queue for while the line is down.

import {CALLER_HZ, MAX_MIC_SAMPLES, MIN_MIC_SAMPLES} from './protocol.ts'

/** What a caller says while the line is down is kept up to this long; older sound is of no use to a conversation. */
export const QUEUE_SAMPLES = 10 * CALLER_HZ

export type MicFrame = {readonly position: number; readonly pcm: ArrayBuffer}

export type MicrophoneQueue = {
  /** What is added to the capture processor's clock; null before its first frame. */
  readonly offset: number | null
  /** The call's clock: samples until the end of the newest frame. */
  readonly next: number
  /** When that frame came; before the first one, when the clock stood at `next`. */
  readonly lastAt: number
  /** Oldest first, never more than QUEUE_SAMPLES. */
  readonly frames: readonly MicFrame[]
  readonly queued: number
  /** Samples that the full queue dropped since the line was last live. */
  readonly dropped: number
}

export const silentSoFar: MicrophoneQueue = {offset: null, next: 0, lastAt: 0, frames: [], queued: 0, dropped: 0}

const samplesOf = (pcm: ArrayBuffer) => pcm.byteLength / 2

/** A position of the capture processor's clock on the call's clock. */
export function onCallClock(queue: MicrophoneQueue, at: number): number {
  return Math.max(0, queue.offset === null ? queue.next : at + queue.offset)
}

/**
 * A frame of the capture processor, on the call's clock and at the queue's end; one of a length that the gateway refuses is
 * left out.
 */
export function take(queue: MicrophoneQueue, raw: number, pcm: ArrayBuffer, now: number): MicrophoneQueue {
  const samples = samplesOf(pcm)
  if (samples < MIN_MIC_SAMPLES || samples > MAX_MIC_SAMPLES) return queue
  let {offset} = queue
  if (offset === null || raw + offset < queue.next) {
    // a clock that is new here, or went back: an AudioContext was made. The time between has passed for the call, too
    offset = queue.next + Math.max(0, Math.round((now - queue.lastAt) * CALLER_HZ) - samples) - raw
  }
  const position = raw + offset
  const next = position + samples
  return bound({
    ...queue,
    offset,
    next,
    lastAt: now,
    frames: [...queue.frames, {position, pcm}],
    queued: queue.queued + samples,
  })
}

/** The call's clock stands at `at` at least: everything not sent yet moves behind it. */
export function moveTo(queue: MicrophoneQueue, at: number, now: number): MicrophoneQueue {
  const by = at - (queue.frames[0]?.position ?? queue.next)
  if (by <= 0) return queue
  const frames = queue.frames.map(({position, pcm}) => ({position: position + by, pcm}))
  if (queue.offset === null) return {...queue, next: at, lastAt: now}
  return {...queue, frames, next: queue.next + by, offset: queue.offset + by}
}

export function emptied(queue: MicrophoneQueue): MicrophoneQueue {
  return queue.queued === 0 ? queue : {...queue, frames: [], queued: 0}
}

function bound(queue: MicrophoneQueue): MicrophoneQueue {
  let {queued, dropped} = queue
  let from = 0
  while (queued > QUEUE_SAMPLES) {
    const samples = samplesOf(queue.frames[from]?.pcm ?? new ArrayBuffer(0))
    queued -= samples
    dropped += samples
    from++
  }
  return from === 0 ? queue : {...queue, queued, dropped, frames: queue.frames.slice(from)}
}
