// From render quanta at the device's rate to what is sent: 512 samples (32 ms) of Int16 mono at 16 kHz, each frame at its
// position of the microphone clock. The frames lie on a grid: what is missing leaves whole frames out, and a frame that
// was begun is filled up with zeros; so frames never overlap and every one has the same length.

import type {NoiseGate} from './noisegate.ts'
import {Resampler} from './resample.ts'

export const MIC_HZ = 16_000
export const FRAME_SAMPLES = 512

/** `pcm` is Int16 LE, the receiver's to keep or to transfer; `level` its RMS, 0..1. */
export type FrameSink = (position: number, pcm: ArrayBuffer, level: number) => void

/** Samples by which a clock of whole samples and a count of quanta may part; a missing quantum is 43 at 48 kHz. */
const SLACK = 2
/** Samples in one push: a render quantum, or some of a longer block. */
const MOST = 1024

export class Framer {
  /** Samples that were no number and became silence, since the owner last set this to 0. */
  broken = 0
  readonly #resampler: Resampler
  readonly #sink: FrameSink
  readonly #gate: NoiseGate | null
  readonly #perSample: number
  readonly #clean = new Float32Array(MOST)
  // One new buffer for each frame: 31 a second of 1 kB. A pool would need the far side to give them back.
  #pcm = new Int16Array(FRAME_SAMPLES)
  #filled = 0
  /** Position of the frame that is being filled. */
  #start = 0
  /** Position of the next sample out of the resampler, and of the next one into it; no number before the first. */
  #cursor = 0
  #expected = Number.NaN

  /** @param rate of the device, whole Hz. */
  constructor(rate: number, sink: FrameSink, gate: NoiseGate | null = null) {
    this.#resampler = new Resampler(rate, MIC_HZ)
    this.#perSample = MIC_HZ / rate
    this.#sink = sink
    this.#gate = gate
  }

  /**
   * Samples at the device's rate, at most 1024, of which the first belongs to `at` (microphone clock). What lies before
   * the end of the newest frame is passed over: it was answered with zeros.
   * @returns samples at 16 kHz that are missing before these, 0 as long as all is well.
   */
  push(at: number, samples: Float32Array): number {
    const missing = at - this.#expected
    if (!(Math.abs(missing) <= SLACK)) {
      this.#drain()
      if (Number.isNaN(missing)) this.#start = at
      this.#cursor = this.#expected = at
    }
    // One bad sample would stay in the resampler's memory and spoil a hundred good ones.
    samples.forEach((x, i) => {
      const good = Number.isFinite(x)
      this.#clean[i] = good ? x : 0
      if (!good) this.broken++
    })
    this.#expected += samples.length * this.#perSample
    this.#write(this.#resampler.process(this.#clean, samples.length))
    return missing > SLACK ? missing : 0
  }

  /** Send what there is now, filled up with zeros: before a mute or the end. */
  flush(): void {
    this.#drain()
    if (this.#filled > 0) this.#emit()
  }

  /** The last samples still wait in the resampler for their right-hand neighbours, which will not come. */
  #drain(): void {
    const waiting = Math.round(this.#expected) - this.#cursor
    this.#write(this.#resampler.process(new Float32Array(this.#resampler.margin)).subarray(0, waiting))
    this.#resampler.reset()
  }

  #write(samples: Float32Array): void {
    this.#gate?.process(samples)
    for (const x of samples) {
      let offset = this.#cursor++ - this.#start
      if (offset >= FRAME_SAMPLES) {
        this.#emit(offset - (offset % FRAME_SAMPLES))
        offset %= FRAME_SAMPLES
      }
      if (offset < this.#filled) continue
      this.#pcm[offset] = Math.max(-32_768, Math.min(32_767, Math.round(x * 32_768)))
      this.#filled = offset + 1
      if (this.#filled === FRAME_SAMPLES) this.#emit()
    }
  }

  /** What there is of the frame goes out, if anything is; the next one begins so many samples after it. */
  #emit(step = FRAME_SAMPLES): void {
    const pcm = this.#pcm
    const position = this.#start
    this.#start += step
    if (this.#filled === 0) return
    this.#filled = 0
    this.#pcm = new Int16Array(FRAME_SAMPLES)
    const power = pcm.reduce((sum, x) => sum + x * x, 0) / FRAME_SAMPLES
    this.#sink(position, pcm.buffer, Math.sqrt(power) / 32_768)
  }
}
