// What a page asks of a call.

import type {Bands} from '../audio/bands.ts'
import type {FilterPreset} from '../audio/filters.ts'
import type {GatePreset} from '../audio/noisegate.ts'
import type {Consent} from '../core/protocol.ts'
import type {View} from '../core/view.ts'
import type {Suppressor} from './chain.ts'
import type {Device} from './microphone.ts'
import type {Health} from './run.ts'

export type Mode = 'voice' | 'text'

export interface CallOptions {
  /** The name of the agent to be met; not needed with a `ticket`. */
  readonly agent?: string
  /** The origin that serves the call, such as `https://talk.example`. Default: where this code was loaded from. */
  readonly server?: string
  /** A ticket that a server of yours has booked with its key; without one the page books by itself. A secret. */
  readonly ticket?: string
  /** Text asks for no microphone and makes no sound. Default: voice. */
  readonly mode?: Mode
  /** The caller's language, a BCP 47 tag; the browser's own when left out. */
  readonly lang?: string
  /** How long a pause may be. Default: what the agent's file says. */
  readonly pace?: 'interview' | 'casual'
  /** `safe` waits longer before a reply sounds and bears a worse network. Default: fast. */
  readonly preset?: 'fast' | 'safe'
  /** A filter chain before what is sent. Default: none, the browser's own noise suppression alone. */
  readonly filter?: FilterPreset
  /** A noise gate before what is sent. Default: none. */
  readonly gate?: GatePreset
  /** A heavy noise suppressor of a package of its own. */
  readonly suppressor?: Suppressor
  /** The caller has been asked about recording by the page itself already. */
  readonly consent?: 'given' | 'refused'
  /** The microphone to begin with, an id of `devices()`. */
  readonly microphone?: string
  /**
   * What the page around the call tells of itself, by name (`page.url`, `data.order`): at most 24 values of 500
   * characters. The agent reads what its file lets in, as words of a stranger.
   */
  readonly context?: {readonly [name: string]: string}
  /** Leave of the server's own frame to book for the site around it; a page that is framed by nobody has none. */
  readonly pass?: string
  /** Where the files `viva-audio.js` and `viva-worker.js` lie. Default: `/static/` of the server. */
  readonly assets?: string
}

/** How loud it is now, 0..1; for meters and faces. */
export interface Loudness {
  readonly microphone: number
  readonly agent: number
  /** Of the agent's voice that sounds now: 300–800, 800–2000 and 2000–6000 Hz. Up in 30 ms, down in 90 ms. */
  readonly bands: Bands
}

/** Which text about recording somebody has seen. */
export interface Shown {
  /** Of the text, such as a date. */
  readonly version: string
  /** BCP 47. */
  readonly lang: string
}

export interface VoiceCall {
  /** What is to be shown now. Another object after each change, the same one until then. */
  readonly view: View
  /** Called after each change, until the answer is called. */
  subscribe(listener: (view: View) => void): () => void
  /**
   * Begin, or come back to the call that a reload has interrupted. To be called in a gesture (click, key): browsers
   * give sound and microphone to nobody else. Resolves once the call is on its way; what fails is said by `view`.
   * A second `start` of the same call does nothing, unless the call has ended or failed: then it is another call.
   */
  start(): Promise<void>
  /** At most 4000 characters; empty text is not sent. */
  type(text: string): void
  /** Set a fact by hand. @throws TypeError a value that JSON cannot say: a BigInt, a ring. */
  correct(field: string, value: unknown): void
  /** Voice needs a gesture like `start`. What the old mode held is released before the new one begins. */
  setMode(mode: Mode): Promise<void>
  mute(on: boolean): void
  /** Half duplex: nobody is heard while the agent speaks. For loudspeakers whose echo nothing cancels (`echo: 'poor'`). */
  takeTurns(on: boolean): void
  /** From now on one is heard only while `talk(true)`. */
  pushToTalk(on: boolean): void
  /** The key goes down; or up: the caller's turn is over then. Nothing while `pushToTalk` is off. */
  talk(on: boolean): void
  /** The caller has said what they had to say: the agent answers without waiting for a pause. */
  done(): void
  /** Long pauses are part of a turn (`interview`), or are not (`casual`). */
  takeTime(on: boolean): void
  /** The caller's decision on recording, and the text they saw. Before the start it is said once the call is on. */
  consent(decision: Consent['decision'], shown?: Shown): void
  /** Close a notice or a problem of this code. */
  dismiss(code: string): void
  /** Microphones; labels are empty until the browser was given leave to use one. */
  devices(): Promise<readonly Device[]>
  useMicrophone(id: string): Promise<void>
  /** In a gesture: let suspended sound go on. */
  unlock(): Promise<void>
  /** Hang up and release everything. Never fails, may be called at any time. */
  leave(): void
  /**
   * Erase this call on the server: what was said, heard and noted. During the call, which ends then, or after it, until
   * the next start. False: it was not done, or nobody answered; it can be tried again while `view.mayErase`.
   */
  erase(): Promise<boolean>
  levels(): Loudness
  /** For reports of trouble: how worker and worklets were loaded, what was thrown. Holds nothing of the talk. */
  health(): Health
}
