// The one AudioContext of a call, at the device's own rate: Firefox connects no microphone to any other and cancels no
// echo of one. Made in the gesture; watched, because a context may say that it runs while its clock stands still.
import {detectPlatform, type Platform} from './platform.ts'

export type SoundState =
  | {readonly kind: 'off'}
  | {readonly kind: 'ok'}
  /** The browser wants a gesture before it lets sound out; the next click or key anywhere will do. */
  | {readonly kind: 'suspended'}
  /** The system took the sound (a phone call); it comes back by itself, or with the next gesture. */
  | {readonly kind: 'interrupted'}
  /** There is no Web Audio, or no context can be had. */
  | {readonly kind: 'failed'}

export interface SoundHost {
  /** Undefined where the browser has no Web Audio. */
  readonly AudioContext: (new (options: AudioContextOptions) => AudioContext) | undefined
  readonly platform: Platform
  /** Gestures are listened for here while there is no sound, and whether the page is seen all the time. */
  readonly page: EventTarget & {readonly hidden: boolean}
  /** Calls `tick` again and again until the answer is called. */
  every(ms: number, tick: () => void): () => void
}

export function browserSoundHost(): SoundHost {
  return {
    AudioContext: globalThis.AudioContext as typeof AudioContext | undefined,
    platform: detectPlatform(navigator),
    page: document,
    every(ms, tick) {
      const timer = setInterval(tick, ms)
      return () => clearInterval(timer)
    },
  }
}

const LOOK_MS = 500
/** A context that a gesture made takes some 100 ms to run; who is asked for a tap before that is asked in vain. */
const LOOKS_TO_START = 2
/** A clock stands for moments while devices change; after two seconds it does not come back (iOS). Not tuned. */
const LOOKS_TO_FREEZE = 4
/** New contexts in a row whose clocks never moved: the machine has no sound to give. */
const REBUILDS = 3
/** What a browser takes for a wish to hear. */
export const GESTURES = ['pointerup', 'touchend', 'click', 'keydown'] as const

export class Sound {
  readonly #changed: (state: SoundState) => void
  readonly #rebuilt: (context: AudioContext) => void
  readonly #host: SoundHost
  #state: SoundState = {kind: 'off'}
  #context: AudioContext | null = null
  #stopLooking: (() => void) | null = null
  #time = 0
  #looks = 0
  #rebuilds = 0
  readonly #gesture = () => void this.unlock()
  readonly #seen = () => {
    this.#looks = 0
    if (!this.#host.page.hidden) void this.unlock()
  }

  /**
   * @param changed called with every other state.
   * @param rebuilt the clock of the old context stood still, it was closed; all nodes are to be built anew in this one.
   */
  constructor(
    changed: (state: SoundState) => void,
    rebuilt: (context: AudioContext) => void,
    host: SoundHost = browserSoundHost(),
  ) {
    this.#changed = changed
    this.#rebuilt = rebuilt
    this.#host = host
  }

  get state(): SoundState {
    return this.#state
  }

  get context(): AudioContext | null {
    return this.#context
  }

  /** Made and resumed synchronously: call it in the gesture, before any await. Null when there is no Web Audio. */
  open(): AudioContext | null {
    if (this.#context !== null) return this.#context
    this.#rebuilds = 0
    if (this.#make() === null) {
      this.#become('failed')
      return null
    }
    this.#host.page.addEventListener('visibilitychange', this.#seen)
    this.#stopLooking = this.#host.every(LOOK_MS, () => this.#look())
    return this.#context
  }

  /** In a gesture. Resolves when sound may come out or the browser has refused. */
  async unlock(): Promise<void> {
    const context = this.#context
    // Resuming an interrupted context leaves it with a clock that stands (iOS): the system gives it back.
    if (context?.state === 'suspended') await context.resume().catch(() => {})
    this.#read()
  }

  async close(): Promise<void> {
    const context = this.#context
    this.#context = null
    this.#stopLooking?.()
    this.#stopLooking = null
    this.#host.page.removeEventListener('visibilitychange', this.#seen)
    this.#become('off')
    await discard(context)
  }

  #make(): AudioContext | null {
    const {AudioContext, platform} = this.#host
    if (!AudioContext) return null
    try {
      const context = new AudioContext({latencyHint: platform.mobile ? 'balanced' : 'interactive'})
      this.#context = context
      this.#time = this.#looks = 0
      context.onstatechange = () => this.#read()
      void context.resume().catch(() => {})
      return context
    } catch {
      return null
    }
  }

  /** What the context says now. That it is suspended is believed after some looks only, unless it did run. */
  #read(): void {
    const context = this.#context
    // some browsers know this state and the types do not
    const state: string | undefined = context?.state
    if (state === 'running') {
      if (this.#state.kind !== 'ok') this.#looks = 0
      this.#become('ok')
    } else if (state === 'interrupted') this.#become('interrupted')
    else if (state === 'suspended' && this.#state.kind !== 'off') this.#become('suspended')
    else if (state === 'closed') this.#rebuild() // by somebody else
  }

  #look(): void {
    const context = this.#context
    if (context === null || this.#host.page.hidden) return
    const moved = context.currentTime !== this.#time
    this.#time = context.currentTime
    this.#looks = moved ? 0 : this.#looks + 1
    if (moved) this.#rebuilds = 0
    if (context.state === 'running' && this.#looks >= LOOKS_TO_FREEZE) this.#rebuild()
    else if (context.state === 'suspended' && this.#looks >= LOOKS_TO_START) this.#become('suspended')
    else this.#read()
  }

  #rebuild(): void {
    const old = this.#context
    if (old !== null) old.onstatechange = null
    void discard(old)
    const context = ++this.#rebuilds > REBUILDS ? null : this.#make()
    if (context === null) {
      this.#context = null
      this.#stopLooking?.()
      this.#become('failed')
      return
    }
    this.#rebuilt(context)
  }

  #become(kind: SoundState['kind']): void {
    if (kind === this.#state.kind) return
    const {page} = this.#host
    for (const gesture of GESTURES) {
      if (kind === 'suspended' || kind === 'interrupted') page.addEventListener(gesture, this.#gesture, true)
      else page.removeEventListener(gesture, this.#gesture, true)
    }
    this.#state = {kind}
    this.#changed(this.#state)
  }
}

async function discard(context: AudioContext | null): Promise<void> {
  if (context === null || context.state === 'closed') return
  context.onstatechange = null
  await context.close().catch(() => {})
}
