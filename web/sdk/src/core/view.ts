// What is to be shown of a call. A pure machine: `step` takes what the worker's line and the page's session tell and
// answers with the next view, the same object when nothing changes. Words are in `words.ts`.

import type {Consent, Fact, FieldInfo, Floor, Notice, Show, SpeakerInfo, Welcome} from './protocol.ts'
import {settled} from './screen.ts'
import type {Loss, MicrophoneFound, Move, PageTrouble, Phase, Said, SoundState, TalkMode, ViewEvent} from './signals.ts'
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
  /** One is heard only while `talking`. */
  readonly pushToTalk: boolean
  /** The key of push-to-talk is down. */
  readonly talking: boolean
  /** Whether long pauses are part of a turn; null until it is known what the agent's file says. */
  readonly takesTime: boolean | null
  /** The reply that sounds now, 0 for none. */
  readonly audible: number
  readonly title: string
  readonly speakers: readonly SpeakerInfo[]
  readonly fields: readonly FieldInfo[]
  readonly consent: ConsentState
  /** The server would erase this call now. */
  readonly mayErase: boolean
  /** In the order of turns. */
  readonly captions: readonly CaptionLine[]
  /** By field; what came up or changed last stands last. */
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
  readonly moved: Move | null
  readonly trouble: PageTrouble | null
  readonly found: MicrophoneFound
  readonly muted: boolean
  readonly silent: boolean
  readonly halfDuplex: boolean
  /** What the caller has chosen; null while they have not. */
  readonly takesTime: boolean | null
  readonly verdict: 'unknown' | 'good' | 'poor'
  readonly dismissed: readonly string[]
}

// A talk of three quarters of an hour has some three hundred turns; what is beyond these is no talk.
const MAX_CAPTIONS = 1000
const MAX_SHOWN = 100
const MAX_NOTICES = 8
/** By notice: which others are not true any more. */
const REVOKES: {readonly [code: string]: readonly string[]} = {
  voice_again: ['text_only', 'voice_lost', 'model_waits'],
  line_again: ['voice_lost', 'model_waits'],
  text_only: ['voice_again'],
  voice_lost: ['voice_again', 'line_again', 'model_waits', 'reconnecting'],
}

export const initial: View = {
  screen: 'start',
  mode: 'voice',
  connection: 'idle',
  retryInS: 0,
  microphone: 'off',
  sound: 'ok',
  echo: 'unknown',
  floor: {turn: 'open', holder: ''},
  pushToTalk: false,
  talking: false,
  takesTime: null,
  audible: 0,
  title: '',
  speakers: [],
  fields: [],
  consent: '',
  mayErase: false,
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
    moved: null,
    trouble: null,
    found: {state: 'off'},
    muted: false,
    silent: false,
    halfDuplex: false,
    takesTime: null,
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
      const {phase, attempt, begun, loss, moved, retryInS} = event
      const ended = phase === 'ended' ? (view.ended ?? ENDS.closed) : view.ended
      // a worker that took another's place begins anew, the call does not
      return because(
        {...view, connection: phase, retryInS, ended},
        {attempt, begun: begun || view.why.begun, loss, moved},
      )
    }
    case 'gateway':
      return told(view, event.message)
    case 'audible':
      return changed(view, {audible: event.reply})
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
      return changed(view, {sound: event.state})
    case 'mute':
      return because(view, {muted: event.on})
    case 'half_duplex':
      return because(view, {halfDuplex: event.on})
    case 'mode':
      return changed(view, {mode: event.mode})
    case 'push_to_talk':
      return view.pushToTalk === event.on ? view : {...view, pushToTalk: event.on, talking: false}
    case 'talk':
      return changed(view, {talking: event.on && view.pushToTalk})
    case 'takes_time':
      return because({...view, takesTime: event.on}, {takesTime: event.on})
    case 'consent':
      return changed(view, {consent: event.decision})
    case 'erasable':
      return changed(view, {mayErase: event.token !== ''})
    case 'erased':
      return erased(view)
    case 'trouble':
      return because(view, {trouble: event.trouble})
    case 'dismiss': {
      const notices = view.notices.filter(({code}) => code !== event.code)
      return because({...view, notices}, {dismissed: [...view.why.dismissed, event.code]})
    }
    case 'leave':
      return view.why.began && view.ended === null ? {...view, ended: ENDS.left, audible: 0} : view
    default:
      return view // of a worker newer than its page
  }
}

/** Another call begins; devices and sound are as they were. */
function began(view: View, mode: TalkMode): View {
  const isOver = !view.why.began || view.screen === 'ended' || view.screen === 'problem'
  if (!isOver) return view
  const {sound, pushToTalk, why} = view
  const {found, muted, halfDuplex, takesTime} = why
  const known = {found, muted, halfDuplex, takesTime}
  return {...initial, mode, sound, pushToTalk, takesTime, why: {...initial.why, began: true, ...known}}
}

/** The words go from the screen too. */
function erased(view: View, ended: View['ended'] = ENDS.erased): View {
  const {captions, facts, shown, notices} = initial
  return {...view, captions, facts, shown, notices, mayErase: false, audible: 0, ended}
}

function told(view: View, message: Said): View {
  switch (message.kind) {
    case 'welcome':
      return welcomed(view, message)
    case 'floor':
      return {...view, floor: {turn: message.turn, holder: message.holder}}
    case 'caption':
      return captioned(view, {who: message.who, turn: message.turn, text: message.text, final: message.final})
    case 'fact': {
      const {kind, ...fact} = message
      const {[fact.field]: _, ...others} = view.facts
      return {...view, facts: {...others, [fact.field]: fact}}
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
    case 'ended': {
      const {reason, text} = message
      const ended = {reason, text: text || ENDS.closed.text}
      return reason === ENDS.erased.reason ? erased(view, ended) : {...view, ended}
    }
  }
}

function welcomed(view: View, {title, speakers, fields, consent, returned, pace}: Welcome): View {
  // what was decided is on its way there; only who has decided nothing is asked
  const decided = view.consent === 'given' || view.consent === 'refused' || view.consent === 'withdrawn'
  const known = decided && (returned || consent === 'ask') ? view.consent : isConsent(consent) ? consent : ''
  const takesTime = view.why.takesTime ?? (pace === '' ? view.takesTime : pace === 'interview')
  return {...view, title, speakers, fields, consent: known, takesTime}
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
  const others = view.notices.filter(({code}) => code !== notice.code && !REVOKES[notice.code]?.includes(code))
  return {...view, notices: [...others, notice].slice(-MAX_NOTICES)}
}

function because(view: View, why: Partial<Why>): View {
  return changed(view, {why: changed(view.why, why)})
}

/** The same object where the change changes nothing. */
function changed<T extends object>(before: T, change: Partial<T>): T {
  const isNew = (Object.keys(change) as (keyof T)[]).some((name) => before[name] !== change[name])
  return isNew ? {...before, ...change} : before
}
