// What devices say, as events of the view.

import type {MicrophoneFound, ViewEvent} from '../core/signals.ts'
import type {SoundState} from './context.ts'
import type {MicrophoneState} from './microphone.ts'

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
