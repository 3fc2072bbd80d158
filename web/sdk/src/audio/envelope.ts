// How loud, block by block and band by band: what the detector compares of the microphone and of the loudspeaker, and what
// moves a face. All are measured by this same code, one `Envelope` each, from whatever rate the device has.

/** A band-pass filter: its centre in Hz, and how narrow it is (Q). */
export type Band = readonly [hz: number, q: number]

/** Centres of the detector's bands in Hz, an octave apart; hum and rumble lie below them. */
export const CENTRES: readonly number[] = [350, 700, 1400, 2800]
/** One octave for each: with this Q neighbours cross at -3 dB. */
const OCTAVES: readonly Band[] = CENTRES.map((hz) => [hz, 1.41])
/** A filter that rings on below this is silent; numbers much smaller are slow to compute with. */
const SILENT = 1e-20

export class Envelope {
  /** Length of a block: 10 ms, or a render quantum where that is longer. */
  readonly seconds: number
  /** Mean square of the newest whole block in each band, 0..1. */
  readonly power: Float64Array
  /** RMS of the newest whole block over all frequencies, 0..1. */
  level = 0
  readonly #length: number
  /** Of each band: two coefficients of the poles, the gain, two states. */
  readonly #filters: Float64Array
  readonly #sums: Float64Array
  #sum = 0
  #count = 0

  /** `rate` in Hz, of the samples that will be pushed. */
  constructor(rate: number, bands: readonly Band[] = OCTAVES) {
    this.#length = Math.max(128, Math.round(rate / 100))
    this.seconds = this.#length / rate
    this.power = new Float64Array(bands.length)
    this.#sums = new Float64Array(bands.length)
    this.#filters = new Float64Array(5 * bands.length)
    bands.forEach(([centre, q], band) => {
      // band-pass biquad with a peak gain of 1 (Audio EQ Cookbook, R. Bristow-Johnson)
      const turn = (2 * Math.PI * Math.min(centre, rate * 0.4)) / rate
      const alpha = Math.sin(turn) / (2 * q)
      this.#filters.set([(-2 * Math.cos(turn)) / (1 + alpha), (1 - alpha) / (1 + alpha), alpha / (1 + alpha)], 5 * band)
    })
  }

  /**
   * Takes mono samples, a render quantum or less; what is beyond full scale is clamped, what is no number is silence.
   * True when a block is whole: `power` and `level` are its.
   */
  push(samples: Float32Array): boolean {
    let whole = false
    for (let i = 0; i < samples.length; i++) {
      const s = samples[i] ?? 0
      this.#add(Number.isFinite(s) ? Math.max(-1, Math.min(1, s)) : 0)
      if (++this.#count === this.#length) {
        this.#close()
        whole = true
      }
    }
    return whole
  }

  #add(x: number): void {
    const f = this.#filters
    this.#sum += x * x
    for (let band = 0, k = 0; band < this.power.length; band++, k += 5) {
      // transposed direct form II with b = (g, 0, -g)
      const g = (f[k + 2] ?? 0) * x
      const y = g + (f[k + 3] ?? 0)
      f[k + 3] = (f[k + 4] ?? 0) - (f[k] ?? 0) * y
      f[k + 4] = -g - (f[k + 1] ?? 0) * y
      this.#sums[band] = (this.#sums[band] ?? 0) + y * y
    }
  }

  #close(): void {
    this.level = Math.sqrt(this.#sum / this.#length)
    for (let band = 0; band < this.power.length; band++) {
      this.power[band] = (this.#sums[band] ?? 0) / this.#length
      for (const k of [5 * band + 3, 5 * band + 4]) {
        if (Math.abs(this.#filters[k] ?? 0) < SILENT) this.#filters[k] = 0
      }
    }
    this.#sums.fill(0)
    this.#sum = this.#count = 0
  }
}
