// How much of a reply must be here before it sounds: little on a good link, more after it ran dry, less again with time.

export interface StartSettings {
  /** A reply sounds once so much of it is here. */
  readonly startMs: number
  /** After an underrun: at least so much, and at most. */
  readonly againMs: number
  readonly mostMs: number
}

/** Chunks are 20 to 40 ms long: one that sounds and one in hand. The bound is a jitter buffer's usual one. Not tuned. */
export const FAST: StartSettings = {startMs: 50, againMs: 80, mostMs: 200}
/** For bad links (mission V7). What has come is in the audio thread, all of it; its 600 ms ahead need no rule here. */
export const SAFE: StartSettings = {startMs: 300, againMs: 640, mostMs: 1600}

/** A start that waits for more gives up on it after twice what it waits for, and not before this. */
const LINGER_MS = 300
/** What underruns have added is half forgotten after so much undisturbed sound. Not tuned. */
const FORGET_MS = 30_000

export class StartThreshold {
  /** What a start waits for now. */
  ms: number
  readonly #settings: StartSettings

  constructor(settings: StartSettings) {
    this.#settings = settings
    this.ms = settings.startMs
  }

  /** Whether a reply may sound of which so much is here, and which has waited for so long. */
  met(queuedMs: number, waitedMs: number): boolean {
    return queuedMs >= this.ms || waitedMs >= Math.max(LINGER_MS, 2 * this.ms)
  }

  /** The sound ran dry, and what was missing came so late: with so much more in hand it would not have been missed. */
  raise(lateMs: number): void {
    this.ms = Math.min(this.#settings.mostMs, Math.max(this.#settings.againMs, this.ms + lateMs))
  }

  /** So much has sounded undisturbed. */
  settle(ms: number): void {
    this.ms += (this.#settings.startMs - this.ms) * (1 - 2 ** (-ms / FORGET_MS))
  }
}
