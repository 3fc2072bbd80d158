// What a session needs of the browser; tests hand in their own.

import {browserClock, type Clock} from './clock.ts'
import {type PageFault, watchPage} from './disturbances.ts'
import type {Storing} from './keeping.ts'
import {browserLoading, type Loading} from './loading.ts'
import {browserVoiceHost, type VoiceHost} from './voice.ts'

export interface Host {
  readonly clock: Clock
  readonly loading: Loading
  readonly storage: Storing
  /** Unix ms. */
  nowMs(): number
  readonly ask: typeof fetch
  /** 0..1 */
  chance(): number
  readonly voice: Omit<VoiceHost, 'worklets' | 'chain'>
  /** Where `online`, `offline`, `pagehide` and `pageshow` are heard. */
  readonly window: EventTarget
  /** Where `freeze`, `resume` and `visibilitychange` are heard. */
  readonly document: EventTarget
  readonly watchPage: (report: (fault: PageFault) => void) => () => void
  /** BCP 47. */
  readonly lang: string
  /** The origin that this very file came from, or else the page's own. */
  readonly origin: string
}

/** Nothing of the browser is touched before it is needed: pages are also rendered where there is none. */
export const browserHost: Host = {
  clock: browserClock,
  loading: browserLoading,
  storage: () => sessionStorage,
  nowMs: Date.now,
  ask: (...request) => fetch(...request),
  chance: Math.random,
  voice: browserVoiceHost,
  watchPage: (report) => watchPage(report),
  get window() {
    return window
  },
  get document() {
    return document
  },
  get lang() {
    return navigator.language
  },
  get origin() {
    const {origin} = new URL(import.meta.url)
    return origin.startsWith('http') ? origin : location.origin
  },
}
