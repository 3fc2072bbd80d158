// The public surface. Importing it starts nothing.
import type {CallOptions, VoiceCall} from './session/options.ts'
import * as session from './session/session.ts'

export type {Bands} from './audio/bands.ts'
export type {View} from './core/view.ts'
export type {Action, Problem} from './core/words.ts'
export type {Suppressor} from './session/chain.ts'
export type {Device} from './session/microphone.ts'
export type {CallOptions, Loudness, Mode, Shown, VoiceCall} from './session/options.ts'
export type {Health} from './session/run.ts'

/**
 * A call that nothing has been done for yet: no request, no listener, nothing stored before `start`.
 *
 * @throws TypeError for options that could never make a call.
 */
export const createCall = (options: CallOptions): VoiceCall => session.createCall(options)

/** Whether a call of this page with this agent was interrupted by a reload, and `start` would come back to it. */
export const resumable = (options: CallOptions): boolean => session.resumable(options)
