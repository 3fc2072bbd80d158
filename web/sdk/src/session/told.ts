// What devices and the worker say, as events of the view.

import type {LineNews, MicrophoneFound, ViewEvent} from '../core/signals.ts'
import type {SoundState} from './context.ts'
import type {MicrophoneState} from './microphone.ts'
import {field} from './narrow.ts'

const SOUND: Readonly<Record<SoundState['kind'], 'ok' | 'suspended' | 'failed'>> = {
  off: 'ok',
  ok: 'ok',
  suspended: 'suspended',
  interrupted: 'suspended',
  failed: 'failed',
}

export function soundTold({kind}: SoundState): ViewEvent {
  return {kind: 'sound', state: SOUND[kind]}
}

/** `by` is there for the states that have it. */
export function microphoneTold(state: MicrophoneState): ViewEvent {
  const found = {state: state.kind, ...('by' in state && {by: state.by})} as MicrophoneFound
  return {kind: 'microphone', ...found}
}

const NEWS: ReadonlySet<unknown> = new Set<LineNews['kind']>([
  'line',
  'gateway',
  'keep',
  'heard',
  'audible',
  'echo',
  'silent',
  'mic_dropped',
])

/** Our own worker says it, of our own version; what is unknown is passed over. */
export function isNews(message: unknown): message is LineNews {
  return NEWS.has(field(message, 'kind'))
}
