// Words for people, in English: what is wrong, and what they can do. Only the page has them.

import type {Loss, MicrophoneFound, PageTrouble} from './signals.ts'

/** What helps: a button of the page, or something the caller does. "" when only patience does. */
export type Action =
  | ''
  /** Try the same again: `start`, or asking for the microphone. */
  | 'retry'
  /** Begin another call. */
  | 'restart'
  | 'reload'
  | 'use_text'
  | 'allow_microphone'
  | 'choose_microphone'
  | 'open_tab'
  /** A tap or a key lets the sound out. */
  | 'tap'
  | 'headphones'

/**
 * `code` is for programs, `text` for people. `by` says whose doing a trouble with the microphone is (user, system,
 * dismissed, policy, sandbox, insecure, browser, page): with `code` it names the text. "" for all else.
 */
export type Problem = {readonly code: string; readonly text: string; readonly action: Action; readonly by: string}

type Words = readonly [text: string, action: Action]

const TROUBLES: {readonly [Trouble in PageTrouble]: Words} = {
  not_found: ['This agent does not exist here.', ''],
  refused: ['This page may not start a talk with this agent.', ''],
  busy: ['All lines are busy. Please try again in a minute.', 'retry'],
  unreachable: ['The server cannot be reached. Please check your connection and try again.', 'retry'],
  load_failed: ['A part of this page could not be loaded. Please reload it.', 'reload'],
  crashed: ['Something in this page broke. Please reload it.', 'reload'],
}

const LOSSES: {readonly [Reason in Loss]: Words} = {
  unreachable: ['The server could not be reached for too long. What you said so far is saved.', 'restart'],
  ticket_expired: ['The time to start this talk is over. Please start a new one.', 'restart'],
  call_gone: ['The talk could not be continued. What you said so far is saved. Please start a new one.', 'restart'],
  protocol: ['This page and the server do not fit together. Please reload the page.', 'reload'],
  no_hello: ['Your connection was too slow to start. Please try again.', 'restart'],
  busy: ['All lines are busy. Please try again in a minute.', 'restart'],
  elsewhere: ['This talk is open in another window. Go on there, or close it and try again.', 'retry'],
  slow_peer: ['Your connection is too slow for audio at the moment. Please try again, or type instead.', 'use_text'],
  failed: ['Something went wrong on our side. What you said so far is saved. Please start a new talk.', 'restart'],
}

/** Every state that is no trouble is left out; who does it is said behind the state. */
type Wrong<Found = MicrophoneFound> = Found extends {readonly state: infer State extends string; readonly by: infer By}
  ? `${State}_${By & string}`
  : Found extends {readonly state: infer State}
    ? Exclude<State, 'off' | 'asking' | 'live'> & string
    : never

const MICROPHONE: {readonly [State in Wrong]: Words} = {
  denied_user: [
    'This page may not use your microphone. Allow it in the address bar, or type instead.',
    'allow_microphone',
  ],
  denied_system: [
    'Your computer keeps the microphone from this browser. Allow it in its settings, or type instead.',
    'allow_microphone',
  ],
  denied_dismissed: ['The question about the microphone was closed. Try again and allow it, or type instead.', 'retry'],
  blocked_policy: [
    'The page around this one does not let the microphone through. Open the talk in a new tab.',
    'open_tab',
  ],
  blocked_sandbox: ['The page around this one locks the microphone away. Open the talk in a new tab.', 'open_tab'],
  blocked_insecure: ['Browsers give a microphone only to pages with https. You can type instead.', 'use_text'],
  blocked_browser: ['This browser has no microphone for pages. You can type instead.', 'use_text'],
  busy_system: ['Another program uses your microphone. Close it and try again, or type instead.', 'retry'],
  busy_page: ['Another talk of this page uses the microphone. End it and try again.', 'retry'],
  missing: ['No microphone was found. Connect one and try again, or type.', 'retry'],
  constrained: ['This microphone cannot be used. Choose another.', 'choose_microphone'],
  lost: ['The microphone is gone. Connect it again, or choose another.', 'choose_microphone'],
}

function problem(code: string, [text, action]: Words, by = ''): Problem {
  return {code, text, action, by}
}

export function troubleWords(trouble: PageTrouble): Problem {
  return problem(trouble, TROUBLES[trouble])
}

export function lossWords(loss: Loss): Problem {
  return problem(loss, LOSSES[loss])
}

/** Null while nothing is wrong with the microphone. */
export function microphoneWords(found: MicrophoneFound): Problem | null {
  const by = 'by' in found ? found.by : ''
  const known: {readonly [state: string]: Words | undefined} = MICROPHONE
  const words = known[found.state + (by && `_${by}`)]
  return words ? problem(`microphone_${found.state}`, words, by) : null
}

export const PROBLEMS = {
  offline: problem('offline', ['You are offline. The talk goes on as soon as you are back.', '']),
  reconnecting: problem('reconnecting', [
    'The connection dropped. Coming back … The last thirty seconds of what you say are kept.',
    '',
  ]),
  moved: problem('moved', ['The talk is moving to another server. One moment, please.', '']),
  slow: problem('slow', ['The server does not answer yet. Still trying.', '']),
  replaced: problem('replaced', ['This talk goes on in another window.', '']),
  suspended: problem('sound_suspended', ['Your browser holds the sound back. Tap anywhere to hear the agent.', 'tap']),
  soundFailed: problem('sound_failed', ['No sound can be played here. Please read and type.', 'use_text']),
  silent: problem('microphone_silent', [
    'Nothing comes from your microphone. Is it switched off, or used by another app?',
    'choose_microphone',
  ]),
  echo: problem('echo_poor', ['The agent hears itself through your loudspeaker. Headphones help.', 'headphones']),
  halfDuplex: problem('half_duplex', [
    'You are heard only while the agent is silent. With headphones you can interrupt.',
    'headphones',
  ]),
} as const

/** How a call ended of which the gateway said nothing. */
export const ENDS = {
  left: {reason: 'caller_hung_up', text: 'You ended the call.'},
  closed: {reason: 'closed', text: 'The talk is over.'},
  erased: {reason: 'erased', text: 'The talk was erased.'},
} as const

/** @param ms of the caller's sound, lost while the line was down. */
export function droppedWords(ms: number): {readonly code: string; readonly text: string; readonly action: string} {
  const seconds = Math.max(1, Math.round(ms / 1000))
  const text = `The connection was gone for long: the first ${seconds} s of what you said meanwhile are lost. Please say it again.`
  return {code: 'mic_dropped', text, action: 'repeat'}
}
