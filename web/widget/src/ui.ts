// What every part of the widget is drawn from. Parts are functions of it: `(ui: Ui) => TemplateResult`. They keep
// nothing themselves; what only the screen knows stands in `Local`, what the call knows in the SDK's `View`.

import type {View, VoiceCall} from '../../sdk/src/index.ts'
import type {Card} from './card.ts'
import type {Words} from './words/words.ts'

/** bubble: floats in a corner. inline: stands in the page. page: is the page. kiosk: is a screen that nobody owns. */
export type Shape = 'bubble' | 'inline' | 'page' | 'kiosk'

/** What lies over the talk. */
export type Sheet = '' | 'menu' | 'transcript' | 'facts' | 'languages' | 'devices' | 'erase'

/** What only the screen knows. */
export interface Local {
  readonly open: boolean
  readonly sheet: Sheet
  /** The caller's answer on the start screen; null while they have not been asked. */
  readonly record: boolean | null
  /** What stands in the text box. */
  readonly draft: string
  /** The fact that is being corrected, and what stands in its editor. */
  readonly editing: {readonly field: string; readonly text: string; readonly wrong: string} | null
  /** The microphones to choose from, once they were asked for. */
  readonly devices: readonly {readonly id: string; readonly label: string}[]
  /** `failed`: the server did not do it, or could not be reached. */
  readonly erasure: '' | 'asked' | 'done' | 'failed'
}

/** What may be done; the shell (`element.ts`) carries it out. In a gesture where the SDK wants one. */
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
}

export interface Ui {
  readonly shape: Shape
  readonly view: View
  readonly call: VoiceCall
  /** What is known of the agent before a call; null while it is asked for. */
  readonly card: Card | null
  readonly words: Words
  /** BCP 47, of the words. */
  readonly lang: string
  readonly local: Local
  readonly act: Actions
  set(change: Partial<Local>): void
}

export const closed: Local = {
  open: false,
  sheet: '',
  record: null,
  draft: '',
  editing: null,
  devices: [],
  erasure: '',
}
