// What is to be shown of a call. A pure machine: `step` takes what the worker's line and the page's session tell and
// answers with the next view, the same object when nothing changes. Words are in `words.ts`.

import {decodeGateway} from './messages.ts'
import type {Consent, Fact, FieldInfo, Floor, GatewayMessage, Notice, Show, SpeakerInfo, Welcome} from './protocol.ts'
import {settled} from './screen.ts'
import type {Loss, MicrophoneFound, PageTrouble, Phase, SoundState, TalkMode, ViewEvent} from './signals.ts'
import {droppedWords, ENDS, type Problem} from './words.ts'

/** start: nothing was begun. talk, text: the call is on. problem: nothing goes on until the caller does something. */
export type Screen = 'start' | 'connecting' | 'talk' | 'text' | 'reconnecting' | 'ended' | 'problem'

export type MicrophoneState = MicrophoneFound['state'] | 'muted' | 'silent'

/** unknown: not measured yet. poor: the agent comes back through the microphone. half_duplex: only one talks at a time. */
export type EchoState = 'unknown' | 'good' | 'poor' | 'half_duplex'

/** "" until the gateway has said; `ask` until the caller has decided; `always` and `never` are not asked. */
export type ConsentState = '' | 'ask' | 'always' | 'never' | Consent['decision']

/** Words to read. `who` is "caller" or a speaker's id. */
export type CaptionLine = {readonly who: string; readonly turn: number; readonly text: string; readonly final: boolean}

export type View = {
  readonly screen: Screen
  readonly mode: TalkMode
  readonly connection: Phase
  /** Seconds from the failed attempt to the next one; 0 when none is planned. */
  readonly retryInS: number
  readonly microphone: MicrophoneState
  readonly sound: SoundState
  readonly echo: EchoState
  readonly floor: Omit<Floor, 'kind'>
  /** The reply that sounds now, 0 for none. */
  readonly audible: number
  readonly title: string
  readonly speakers: readonly SpeakerInfo[]
  readonly fields: readonly FieldInfo[]
  readonly consent: ConsentState
  /** In the order of turns. */
  readonly captions: readonly CaptionLine[]
  /** By field. */
  readonly facts: {readonly [field: string]: Omit<Fact, 'kind'>}
  readonly shown: readonly Omit<Show, 'kind'>[]
  /** Said by the gateway, the newest last; until the caller closes them. */
  readonly notices: readonly Omit<Notice, 'kind'>[]
  /** What is wrong now, with words and an action; the most pressing first. */
  readonly problems: readonly Problem[]
  /** How the call ended; null while it has not. */
  readonly ended: {readonly reason: string; readonly text: string} | null
  /** What the rest follows from; not for display. */
  readonly why: Why
}

export type Why = {
  readonly began: boolean
  /** The call has been on. */
  readonly begun: boolean
  readonly attempt: number
  readonly loss: Loss | null
  readonly trouble: PageTrouble | null
  readonly found: MicrophoneFound
  readonly muted: boolean
  readonly silent: boolean
  readonly halfDuplex: boolean
  readonly verdict: 'unknown' | 'good' | 'poor'
  readonly dismissed: readonly string[]
}

// A talk of three quarters of an hour has some three hundred turns; what is beyond these is no talk.
const MAX_CAPTIONS = 1000
const MAX_SHOWN = 100
const MAX_NOTICES = 8
/** By notice: which other one is not true any more. */
const REVOKES: {readonly [code: string]: string} = {voice_again: 'text_only', text_only: 'voice_again'}

export const initial: View = {
  screen: 'start',
  mode: 'voice',
  connection: 'idle',
  retryInS: 0,
  microphone: 'off',
  sound: 'ok',
  echo: 'unknown',
  floor: {turn: 'open', holder: ''},
  audible: 0,
  title: '',
  speakers: [],
  fields: [],
  consent: '',
  captions: [],
  facts: {},
  shown: [],
  notices: [],
  problems: [],
  ended: null,
  why: {
    began: false,
    begun: false,
    attempt: 0,
    loss: null,
    trouble: null,
    found: {state: 'off'},
    muted: false,
    silent: false,
    halfDuplex: false,
    verdict: 'unknown',
    dismissed: [],
  },
}

/** The view after an event. Any event may come at any time; one that does not fit changes nothing. */
export function step(view: View, event: ViewEvent): View {
  const after = take(view, event)
  return after === view ? view : settled(after)
}

function take(view: View, event: ViewEvent): View {
  switch (event.kind) {
    case 'began':
      return began(view, event.mode)
    case 'line': {
      const {phase, attempt, begun, loss, retryInS} = event
      const ended = phase === 'ended' ? (view.ended ?? ENDS.closed) : view.ended
      // a worker that took another's place begins anew, the call does not
      return because({...view, connection: phase, retryInS, ended}, {attempt, begun: begun || view.why.begun, loss})
    }
    case 'gateway':
      return told(view, decodeGateway(event.text))
    case 'audible':
      return view.audible === event.reply ? view : {...view, audible: event.reply}
    case 'heard':
    case 'keep':
      return view
    case 'echo':
      return because(view, {verdict: event.state === 'good' ? 'good' : 'poor'})
    case 'silent':
      return because(view, {silent: event.on})
    case 'mic_dropped':
      return noticed(view, droppedWords(event.ms))
    case 'microphone': {
      const {kind, ...found} = event
      return because(view, {found, silent: view.why.silent && found.state === 'live'})
    }
    case 'sound':
      return view.sound === event.state ? view : {...view, sound: event.state}
    case 'mute':
      return because(view, {muted: event.on})
    case 'half_duplex':
      return because(view, {halfDuplex: event.on})
    case 'mode':
      return view.mode === event.mode ? view : {...view, mode: event.mode}
    case 'consent':
      return {...view, consent: event.decision}
    case 'trouble':
      return because(view, {trouble: event.trouble})
    case 'dismiss': {
      const notices = view.notices.filter(({code}) => code !== event.code)
      return because({...view, notices}, {dismissed: [...view.why.dismissed, event.code]})
    }
    case 'leave':
      return view.why.began && view.ended === null ? {...view, ended: ENDS.left, audible: 0} : view
  }
}

/** Another call begins; devices and sound are as they were. */
function began(view: View, mode: TalkMode): View {
  const isOver = !view.why.began || view.screen === 'ended' || view.screen === 'problem'
  if (!isOver) return view
  const {found, muted, halfDuplex} = view.why
  return {...initial, mode, sound: view.sound, why: {...initial.why, began: true, found, muted, halfDuplex}}
}

function told(view: View, message: GatewayMessage | null): View {
  switch (message?.kind) {
    case 'welcome':
      return welcomed(view, message)
    case 'floor':
      return {...view, floor: {turn: message.turn, holder: message.holder}}
    case 'caption':
      return captioned(view, {who: message.who, turn: message.turn, text: message.text, final: message.final})
    case 'fact': {
      const {kind, ...fact} = message
      return {...view, facts: {...view.facts, [fact.field]: fact}}
    }
    case 'show': {
      const {kind, ...shown} = message
      // who comes back is shown the newest again
      const isThere = JSON.stringify(view.shown.at(-1)) === JSON.stringify(shown)
      return isThere ? view : {...view, shown: [...view.shown, shown].slice(-MAX_SHOWN)}
    }
    case 'notice': {
      const {kind, ...notice} = message
      return noticed(view, notice)
    }
    case 'ended':
      return {...view, ended: {reason: message.reason, text: message.text || ENDS.closed.text}}
    case 'hold':
    case 'resume':
    case 'cut':
    case 'reply_done':
    case 'gate':
    case 'pulse':
    case undefined:
      return view
  }
}

function welcomed(view: View, {title, speakers, fields, consent, returned}: Welcome): View {
  // what was decided is on its way there; only who has decided nothing is asked
  const decided = view.consent === 'given' || view.consent === 'refused' || view.consent === 'withdrawn'
  const known = decided && (returned || consent === 'ask') ? view.consent : isConsent(consent) ? consent : ''
  return {...view, title, speakers, fields, consent: known}
}

function isConsent(text: string): text is ConsentState {
  return ['ask', 'always', 'never', 'given', 'refused', 'withdrawn'].includes(text)
}

/** A caption of the same turn replaces the one before; late ones find their place. */
function captioned(view: View, line: CaptionLine): View {
  const before = view.captions.filter(({turn}) => turn < line.turn)
  const behind = view.captions.filter(({turn}) => turn > line.turn)
  return {...view, captions: [...before, line, ...behind].slice(-MAX_CAPTIONS)}
}

function noticed(view: View, notice: Omit<Notice, 'kind'>): View {
  const others = view.notices.filter(({code}) => code !== notice.code && code !== REVOKES[notice.code])
  return {...view, notices: [...others, notice].slice(-MAX_NOTICES)}
}

function because(view: View, why: Partial<Why>): View {
  const isNew = (Object.keys(why) as (keyof Why)[]).some((name) => view.why[name] !== why[name])
  return isNew ? {...view, why: {...view.why, ...why}} : view
}
