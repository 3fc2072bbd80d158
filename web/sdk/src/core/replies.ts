// Replies on their way to the loudspeaker: what was cut or heard to its end is not sent there again, a hold of our own
// that nobody answers is undone, and what was heard is remembered for coming back.

import type {PlaybackToWorker, WorkerToPlayback} from '../ports.ts'
import type {LineEffect} from './signals.ts'

/** The gateway answers a doubt within a round trip and the 0.45 s it takes to be sure of speech. */
export const ANSWER_WITHIN_S = 1

export type Replies = {
  /** Every reply up to this number is over: cut, or heard to its end. */
  readonly over: number
  /** The newest number seen. */
  readonly newest: number
  /** The newest reply of which anything was heard, and how much of it (samples at 24 kHz). */
  readonly heard: {readonly reply: number; readonly samples: number}
  /** The reply that is silent for now, 0 for none. */
  readonly held: number
  /** When a hold of our own ends unless the gateway says otherwise; null for none. */
  readonly resumeBy: number | null
  /** The line is back: the first reply that the gateway names is where it goes on, and those before it are over. */
  readonly returning: boolean
}

export const nothingHeard: Replies = {
  over: 0,
  newest: 0,
  heard: {reply: 0, samples: 0},
  held: 0,
  resumeBy: null,
  returning: false,
}

/**
 * What is to go to the playback processor goes there, unless it is of a reply that is over: late chunks, holds of what was
 * cut. When the line is back, the first of them also silences what was queued before it: the gateway has decided so.
 */
export function pass(replies: Replies, message: WorkerToPlayback, out: LineEffect[]): Replies {
  const {reply} = message
  let known = replies
  if (replies.returning) {
    known = pass({...replies, returning: false}, {kind: 'cut', reply: Math.min(reply - 1, replies.newest)}, out)
  }
  // a hold outlives its reply when that ends in the very moment; the processor then holds the next one
  if (reply <= known.over && !(message.kind === 'resume' && reply > 0 && known.held === reply)) return known
  out.push({kind: 'to_playback', message})
  switch (message.kind) {
    case 'chunk':
      return {...known, newest: Math.max(known.newest, reply)}
    case 'done':
      return known
    case 'hold':
      return {...known, held: reply, resumeBy: null}
    case 'resume':
      return {...known, held: 0, resumeBy: null}
    case 'cut':
      return finish(known, reply)
  }
}

/** The detector has held a reply by itself. */
export function doubt(replies: Replies, reply: number, now: number): Replies {
  return reply > replies.over ? {...replies, held: reply, resumeBy: now + ANSWER_WITHIN_S} : replies
}

/** The loudspeaker has got so far. */
export function hear(replies: Replies, message: PlaybackToWorker & {readonly kind: 'played' | 'finished'}): Replies {
  const {reply, samples} = message
  const known = replies.heard
  const more = reply > known.reply || (reply === known.reply && samples > known.samples)
  const heard = more ? {reply, samples} : known
  if (message.kind === 'finished') return {...replies, over: Math.max(replies.over, reply), heard}
  return more ? {...replies, heard} : replies
}

function finish(replies: Replies, reply: number): Replies {
  const over = Math.max(replies.over, reply)
  return replies.held <= over ? {...replies, over, held: 0, resumeBy: null} : {...replies, over}
}
