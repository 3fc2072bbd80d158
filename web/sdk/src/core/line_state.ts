// The state of a caller's line, and what every part of it does: send, tell the page, end.

import type {Health} from './health.ts'
import {healthy} from './health.ts'
import type {MicrophoneQueue} from './microphone_queue.ts'
import {emptied, silentSoFar} from './microphone_queue.ts'
import type {CallerMessage, Consent, Correct, Echo, Hello, Typed} from './protocol.ts'
import {PATIENCE_S} from './reconnect.ts'
import type {Replies} from './replies.ts'
import {nothingHeard, pass} from './replies.ts'
import type {LineEffect, Loss, Move, Phase} from './signals.ts'
import type {TicketHeld} from './tickets.ts'

/** What a person does, and what is lost for good unless it arrives. */
export type Deed = Typed | Correct | Consent

export type Line = {
  readonly phase: Phase
  readonly ticket: TicketHeld | null
  /** The number of the newest socket. */
  readonly socket: number
  /** When this phase is over unless something happens: an attempt has failed, or the next one is made. */
  readonly dueAt: number | null
  /** Attempts since the line was last good. */
  readonly attempt: number
  /** Since when the line is down: the loss, or the caller's beginning. */
  readonly downAt: number
  readonly liveAt: number
  /** The call has been on: a lost line comes back instead of starting. */
  readonly begun: boolean
  /** The call was on before this line began: the page was reloaded, or its worker died. */
  readonly returns: boolean
  readonly frozen: boolean
  /** The browser says that there is no network. It may be wrong: attempts go on, only rarer. */
  readonly offline: boolean
  readonly loss: Loss | null
  /** The server has passed the call on; unsaid for a moment. */
  readonly moved: Move | null
  /** How long the server waits for who is lost. */
  readonly patienceS: number
  readonly chance: number
  readonly hello: Omit<Hello, 'kind' | 'reply' | 'samples'>
  /** What the capture processor was told, to tell it again to the next one. */
  readonly muted: boolean
  readonly halfDuplex: boolean
  /** What the gateway knows of it: the mode, the pace, and how far the caller had heard. */
  readonly greeted: {readonly mode: Hello['mode']; readonly pace: Hello['pace']; readonly heard: Replies['heard']}
  readonly echo: Echo['state'] | null
  /** The caller has hung up; the line is made once more to say so. */
  readonly leaving: boolean
  /** The caller's turn is over, to be said behind what still waits of their sound. */
  readonly done: boolean
  /** What the caller did while the line was down. */
  readonly waiting: readonly Deed[]
  /** What they did and was sent, and that the server has not said to have: a line may die unnoticed. */
  readonly unsure: readonly Deed[]
  /** Number of the newest that was sent. */
  readonly deeds: number
  readonly microphone: MicrophoneQueue
  readonly replies: Replies
  readonly health: Health
}

export const idle: Line = {
  phase: 'idle',
  ticket: null,
  socket: 0,
  dueAt: null,
  attempt: 0,
  downAt: 0,
  liveAt: 0,
  begun: false,
  returns: false,
  frozen: false,
  offline: false,
  loss: null,
  moved: null,
  patienceS: PATIENCE_S,
  chance: 0,
  hello: {},
  muted: false,
  halfDuplex: false,
  greeted: {mode: 'voice', pace: '', heard: nothingHeard.heard},
  echo: null,
  leaving: false,
  done: false,
  waiting: [],
  unsure: [],
  deeds: 0,
  microphone: silentSoFar,
  replies: nothingHeard,
  health: healthy,
}

/** Effects in the order they are to be carried out; the parts of a step add to it. */
export type Out = LineEffect[]

/** What the caller does while the line is down is sent later; nobody does more than this in two minutes. */
const MAX_WAITING = 32

export const isFinal = ({phase}: Line) => phase === 'ended' || phase === 'replaced' || phase === 'lost'
/** No socket is there, none is being opened; another attempt follows. */
export const isDown = ({phase}: Line) => phase === 'waiting' || phase === 'offline'
export const hasSocket = ({phase}: Line) => phase === 'connecting' || phase === 'greeting' || phase === 'live'

/** Send a message now; nothing is sent that JSON cannot say. */
export function send(line: Line, message: CallerMessage, out: Out): void {
  try {
    out.push({kind: 'send', socket: line.socket, data: JSON.stringify(message)})
  } catch {
    // a value that a page has set by hand and that is none, such as a BigInt
  }
}

/** Send what the machine found out; while the line is down nobody needs it. */
export function report(line: Line, message: CallerMessage, out: Out): void {
  if (line.phase === 'live') send(line, message, out)
}

/** Send what the caller did; while the line is down it waits, and the oldest goes when there is too much. */
export function say(line: Line, deed: Deed, out: Out): Line {
  if (line.phase === 'idle') return line
  if (line.phase !== 'live') return {...line, waiting: [...line.waiting, deed].slice(-MAX_WAITING)}
  const number = line.deeds + 1
  const numbered = {...deed, number}
  send(line, numbered, out)
  return {...line, deeds: number, unsure: [...line.unsure, numbered].slice(-MAX_WAITING)}
}

/** Send again what the server does not have of what the caller did, and then what waited. */
export function sayAgain(line: Line, taken: number, out: Out): Line {
  const unsure = line.unsure.filter(({number = 0}) => number > taken)
  for (const deed of unsure) send(line, deed, out)
  const clean: Line = {...line, unsure, waiting: [], deeds: Math.max(line.deeds, taken)}
  return line.waiting.reduce((after, deed) => say(after, deed, out), clean)
}

export function hangUp(line: Line, out: Out): void {
  if (hasSocket(line)) out.push({kind: 'close', socket: line.socket})
}

/** Nothing more of this call is to sound. */
export function hush(line: Line, out: Out): Line {
  return {...line, replies: pass(line.replies, {kind: 'cut', reply: line.replies.newest}, out)}
}

/** Over for good. What is still in the loudspeaker is heard to its end. */
export function finish(line: Line, phase: 'ended' | 'replaced' | 'lost', out: Out, loss: Loss | null = null): Line {
  hangUp(line, out)
  // a window that was kept out may try again
  if (loss !== 'elsewhere') out.push({kind: 'tell', news: {kind: 'keep', keepsake: null}})
  return {
    ...line,
    phase,
    loss,
    ticket: null,
    dueAt: null,
    waiting: [],
    unsure: [],
    microphone: emptied(line.microphone),
  }
}

export function giveUp(line: Line, loss: Loss, out: Out): Line {
  return finish(line, 'lost', out, loss)
}
