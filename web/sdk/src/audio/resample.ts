// Sampling-rate conversion for the audio thread, either way: 24 kHz to the device, and the device to 16 kHz.

/**
 * Half the length of the filter in samples of the lower rate. 32 makes the passband reach 0.8 of the lower Nyquist
 * frequency and costs 64 multiplications for each sample of the higher rate; quality and time are measured in
 * `test/audio/resample.test.ts` and `bench/playback.mjs`.
 */
const HALF_LENGTH = 32
/**
 * Rates of devices divide so well that each phase of the filter gets its own row. Between rates that do not, the
 * nearest of this many phases is taken, which costs signal-to-noise ratio (77 dB remain at 6 kHz) and saves memory.
 */
const MAX_PHASES = 4096
/** How much may wait to be pulled: a ScriptProcessor's longest block but two, and 32 quanta. */
const ROOM = 4096

/**
 * A streaming polyphase filter (windowed sinc). Output k is the input at time k × fromHz / toHz, so nothing is shifted:
 * the filter waits for the samples to the right of that time instead. After the last sample, push `margin` zeros.
 * Nothing is allocated after the constructor. Equal rates pass through unchanged.
 */
export class Resampler {
  /** Samples to the right that an output waits for. */
  readonly margin: number
  readonly #taps: number
  readonly #phases: number
  readonly #rows: Float32Array
  readonly #numerator: number
  readonly #denominator: number
  readonly #buffer: Float32Array
  readonly #out: Float32Array
  /** Samples to the left of an output's time. */
  readonly #before: number
  /** Samples in the buffer; the next output is centred on `buffer[next + before]`, `phase` / denominator after it. */
  #filled = 0
  #next = 0
  #phase = 0

  /** Both rates in Hz, whole. */
  constructor(fromHz: number, toHz: number) {
    const divisor = gcd(fromHz, toHz)
    this.#numerator = fromHz / divisor
    this.#denominator = toHz / divisor
    this.#phases = Math.min(this.#denominator, MAX_PHASES)
    const scale = Math.max(1, fromHz / toHz)
    this.margin = fromHz === toHz ? 0 : Math.ceil(HALF_LENGTH * scale)
    this.#before = Math.max(0, this.margin - 1)
    this.#taps = Math.max(1, 2 * this.margin)
    this.#rows = fromHz === toHz ? Float32Array.of(1) : filter(this.#phases, this.#taps, scale)
    this.#buffer = new Float32Array(this.#taps + ROOM)
    this.#out = new Float32Array(Math.ceil((ROOM * toHz) / fromHz) + 1)
    this.reset()
  }

  /** Forget what was pushed: the next sample is the first of a new sound. */
  reset(): void {
    this.#filled = this.#before
    this.#buffer.fill(0, 0, this.#filled)
    this.#next = this.#phase = 0
  }

  /** Samples that were pushed and whose time has not come out yet. */
  get pending(): number {
    return Math.max(0, this.#filled - this.#next - this.#before - Math.sign(this.#phase))
  }

  /** Samples still to be pushed before this many can be pulled. */
  needed(outputs: number): number {
    if (outputs <= 0) return 0
    const last = Math.floor((this.#phase + (outputs - 1) * this.#numerator) / this.#denominator)
    return Math.max(0, this.#next + last + this.#taps - this.#filled)
  }

  /** At most `ROOM` samples may wait to be pulled; what is beyond them is lost. */
  push(samples: Float32Array, count = samples.length): void {
    const buffer = this.#buffer
    if (this.#filled + count > buffer.length) {
      buffer.copyWithin(0, this.#next, this.#filled)
      this.#filled -= this.#next
      this.#next = 0
    }
    for (let i = 0; i < count && this.#filled < buffer.length; i++) buffer[this.#filled++] = samples[i] ?? 0
  }

  /** Push, and pull all there is: a view of a buffer that the next call writes over. At most `ROOM` samples. */
  process(samples: Float32Array, count?: number): Float32Array {
    this.push(samples, count)
    return this.#out.subarray(0, this.pull(this.#out))
  }

  /** Write up to `count` samples; answers how many there were. */
  pull(output: Float32Array, from = 0, count = output.length - from): number {
    const buffer = this.#buffer
    const rows = this.#rows
    const taps = this.#taps
    let done = 0
    while (done < count && this.#next + taps <= this.#filled) {
      let row = Math.floor((this.#phase * this.#phases) / this.#denominator) * taps
      let sum = 0
      for (let i = this.#next, end = this.#next + taps; i < end; i++) sum += (buffer[i] ?? 0) * (rows[row++] ?? 0)
      output[from + done++] = sum
      this.#phase += this.#numerator
      const step = Math.floor(this.#phase / this.#denominator)
      this.#next += step
      this.#phase -= step * this.#denominator
    }
    return done
  }
}

/** One row of `taps` for each phase; the sum of each row is 1, so that a constant stays what it is. */
function filter(phases: number, taps: number, scale: number): Float32Array {
  const rows = new Float32Array(phases * taps)
  const half = taps / 2
  // Blackman's window: 75 dB at the price of a transition of 5.5 / taps; the stopband begins at the lower Nyquist
  // frequency, so that nothing above it folds down
  const cutoff = 1 / scale - 5.5 / taps
  for (let phase = 0; phase < phases; phase++) {
    const row = rows.subarray(phase * taps, (phase + 1) * taps)
    let sum = 0
    for (let i = 0; i < taps; i++) {
      const x = i - (half - 1) - phase / phases
      const angle = Math.PI * cutoff * x
      const turn = (Math.PI * x) / half
      const weight = (x === 0 ? 1 : Math.sin(angle) / angle) * (0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn))
      row[i] = weight
      sum += weight
    }
    for (let i = 0; i < taps; i++) row[i] = (row[i] ?? 0) / sum
  }
  return rows
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
