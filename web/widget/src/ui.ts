// What every part of the widget is drawn from. Parts are functions of it: `(ui: Ui) => TemplateResult`. They keep
// nothing themselves; what only the screen knows stands in `Local`, what the call knows in the SDK's `View`.

import type {View, VoiceCall} from '../../sdk/src/index.ts'
import type {Card} from './card.ts'
import type {Shape} from './public.ts'
import type {Direction} from './words/choosing.ts'
import {type FirstWords, fill, type Words} from './words/words.ts'

export type {Shape} from './public.ts'

/** What lies over the talk. */
export type Sheet = '' | 'menu' | 'transcript' | 'facts' | 'languages' | 'devices' | 'erase'

/** Why there is no card: the agent does not exist, this page may not see it, nobody answered. */
export type CardTrouble = '' | 'not_found' | 'refused' | 'unreachable'

export interface Editing {
  readonly field: string
  readonly text: string
  /** What is wrong with it, in words. */
  readonly wrong: string
  /** On the card of the fact that is asked for; else on the board. */
  readonly onCard?: boolean
}

/** What only the screen knows. */
export interface Local {
  readonly open: boolean
  readonly sheet: Sheet
  /** The caller's answer on the start screen; null while they have not been asked. */
  readonly record: boolean | null
  /** What stands in the text box. */
  readonly draft: string
  /** The fact that is being corrected, and what stands in its editor. */
  readonly editing: Editing | null
  /** The question on the card that the caller has hidden, as `field state`. */
  readonly passed: string
  /** The microphones to choose from, once they were asked for. */
  readonly devices: readonly {readonly id: string; readonly label: string}[]
  /** `failed`: the server did not do it, or could not be reached. */
  readonly erasure: '' | 'asked' | 'done' | 'failed'
  readonly cardTrouble: CardTrouble
  /** A part of the widget was needed and could not be loaded. */
  readonly isMissing: boolean
  /** A reload has interrupted a call, and `start` would come back to it. */
  readonly resumable: boolean
  /** Seconds until a kiosk forgets everything; null while somebody is there. */
  readonly idleLeftS: number | null
  /** The exhibit that is looked at again; null for the newest. */
  readonly exhibit: View['shown'][number] | null
  /** The newest exhibit when the caller put them away; the next one shows again. */
  readonly putAway: View['shown'][number] | null
  /** What was copied last, and whether that went well. */
  readonly copied: {readonly of: unknown; readonly done: boolean} | null
}

/** What may be done; the shell (`shell.ts`) carries it out. In a gesture where the SDK wants one. */
export interface Actions {
  /** Begin, or begin again. */
  start(mode: 'voice' | 'text'): void
  setMode(mode: 'voice' | 'text'): void
  close(): void
  setLanguage(tag: string): void
  /** Erase what was said in this call. */
  erase(): void
  /** Open the page of this agent, where the microphone is free. */
  openTab(): void
  /** Ask again for what could not be loaded. */
  retry(): void
  /** A kiosk: forget the call and everything of it, and wait for the next one. */
  wipe(): void
}

/** As long as only the start screen can be drawn. */
export interface First {
  readonly shape: Shape
  readonly view: View
  readonly call: VoiceCall
  /** What is known of the agent before a call; null while it is asked for. */
  readonly card: Card | null
  readonly words: FirstWords
  /** BCP 47, of the words. */
  readonly lang: string
  readonly dir: Direction
  readonly local: Local
  readonly act: Actions
  /** What is not needed before somebody begins; null until it is loaded. */
  readonly more: More | null
  set(change: Partial<Local>): void
}

/** What is known of an agent, by its call and before it. */
export type Known = Pick<First, 'view' | 'card'>

export interface Ui extends First {
  readonly words: Words
  readonly more: More
}

export function isWhole(ui: First): ui is Ui {
  return ui.more !== null
}

export type More = typeof import('./more.ts')

export function isOn({screen}: View): boolean {
  return screen === 'talk' || screen === 'text' || screen === 'reconnecting'
}

/** Of the agent; "" while it is not known. */
export function titleOf({view, card}: Known): string {
  return view.title || card?.title || ''
}

/** What the whole widget is called by who does not see it. */
export function labelOf(ui: First): string {
  const title = titleOf(ui)
  return title ? fill(ui.words.panelLabel, {title}) : ui.words.talkWithUs
}

export const closed: Local = {
  open: false,
  sheet: '',
  record: null,
  draft: '',
  editing: null,
  passed: '',
  devices: [],
  erasure: '',
  cardTrouble: '',
  isMissing: false,
  resumable: false,
  idleLeftS: null,
  exhibit: null,
  putAway: null,
  copied: null,
}
