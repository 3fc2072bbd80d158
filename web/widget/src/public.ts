// What pages see of the widget: types that lead nowhere inside.

import type {VoiceCall} from '../../sdk/src/index.ts'

/** bubble: floats in a corner. inline: stands in the page. page: is the page. kiosk: is a screen that nobody owns. */
export type Shape = 'bubble' | 'inline' | 'page' | 'kiosk'

export interface VivaVoce extends HTMLElement {
  open(): Promise<void>
  close(): void
  toggle(): void
  /** Null before the first tap. */
  readonly call: VoiceCall | null
}
