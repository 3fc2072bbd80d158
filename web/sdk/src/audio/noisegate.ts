// A noise gate before what is sent: silence where nobody speaks, in place of a room's hum.
//
//   closed ──loud──▶ opening ──gain 1──▶ open ──quiet for hold──▶ closing ──gain 0──▶ closed
//                       ▲                                            │
//                       └──────────────────loud──────────────────────┘
//
// Off unless asked for: the browser's own suppression is on, the gateway has its own gate, and 5 % of full scale
// (−26 dBFS) is more than many laptop microphones give for a calm voice, who then would never be heard.

export type GatePreset = 'studio' | 'office' | 'home' | 'noisy'

export interface GateNumbers {
  /** RMS that opens, a share of full scale. */
  readonly threshold: number
  readonly attackMs: number
  /** How long it stays open in quiet. */
  readonly holdMs: number
  readonly releaseMs: number
}

/** Given by the mission. `home` is the default of who asks for a gate. */
export const GATES: Readonly<Record<GatePreset, GateNumbers>> = {
  studio: {threshold: 0.015, attackMs: 15, holdMs: 0, releaseMs: 250},
  office: {threshold: 0.025, attackMs: 30, holdMs: 350, releaseMs: 150},
  home: {threshold: 0.05, attackMs: 25, holdMs: 450, releaseMs: 150},
  noisy: {threshold: 0.08, attackMs: 20, holdMs: 600, releaseMs: 100},
}

/**
 * Half-life of the level the gate decides by. Shorter than a voice's period (10 ms at 100 Hz) it would flutter within
 * one vowel; longer, it would clip onsets beyond what the attack does anyway. Not tuned.
 */
const HALF_LIFE_MS = 10

export class NoiseGate {
  /** 0 is closed, 1 is open. */
  gain = 0
  /** Where the gain goes: open or closed. */
  #opens = false
  #power = 0
  /** Samples of quiet since it was open. */
  #quiet = 0
  readonly #take: number
  readonly #threshold: number
  readonly #attack: number
  readonly #release: number
  readonly #hold: number

  /** @param hz of the samples that `process` will see. */
  constructor({threshold, attackMs, holdMs, releaseMs}: GateNumbers, hz: number) {
    const perMs = hz / 1000
    this.#take = 1 - 0.5 ** (1 / (HALF_LIFE_MS * perMs))
    this.#threshold = threshold ** 2
    this.#attack = 1 / (attackMs * perMs)
    this.#release = 1 / (releaseMs * perMs)
    this.#hold = holdMs * perMs
  }

  /** Changes finite samples in place. The gain moves by at most one attack or release step from sample to sample. */
  process(samples: Float32Array): void {
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i] ?? 0
      this.#power += this.#take * (x * x - this.#power)
      if (this.#power >= this.#threshold) {
        this.#opens = true
        this.#quiet = 0
        // It opens whole even if the sound is over before: half an onset is a click.
      } else if (this.gain === 1 && ++this.#quiet > this.#hold) this.#opens = false
      this.gain = Math.max(0, Math.min(1, this.gain + (this.#opens ? this.#attack : -this.#release)))
      samples[i] = x * this.gain
    }
  }
}
