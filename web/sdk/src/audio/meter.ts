// How loud it is now, for eyes: up at once, down by a third every 25 ms (mission V4).

export const METER_MS = 25
const DECAY = 0.7

export class Meter {
  /** 0..1; the RMS of the newest 25 ms, or what the decay has left of louder ones. */
  level = 0
  readonly #length: number
  #sum = 0
  #count = 0

  /** @param rate of the samples in Hz. */
  constructor(rate: number) {
    this.#length = Math.round((rate * METER_MS) / 1000)
  }

  /** True when `level` was measured anew. What is no number counts as silence. */
  push(samples: Float32Array): boolean {
    let measured = false
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i] ?? 0
      this.#sum += x * x || 0
      if (++this.#count < this.#length) continue
      this.level = Math.max(Math.min(1, Math.sqrt(this.#sum / this.#length)), this.level * DECAY)
      this.#sum = this.#count = 0
      measured = true
    }
    return measured
  }
}
