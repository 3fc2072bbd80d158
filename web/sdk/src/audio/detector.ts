// Who is it that the microphone hears while the agent speaks? Compares what was played with what comes in, block by block:
// finds the delay between them and how much comes back, learns the noise of the room, and doubts the silence of the caller
// when neither explains what is heard.
//
//   far = new Envelope(rate)   pushed each quantum with what the playback processor has rendered, silence included
//   mic = new Envelope(rate)   pushed each quantum with what the microphone delivers, before any gate or filter of ours
//   if (mic.push(input)) { const said = detector.step(mic, far); if (said & DOUBT) …; if (said & REPORT) … }
//
// A step allocates nothing; `report` does, about once a second. Numbers marked "seed 1" were tuned by `make bench-echo`
// on the rooms of its first seed (docs/explanation/echo.md); ratios of powers are natural logarithms: 1 is 4.3 dB.

import {CENTRES, type Envelope} from './envelope.ts'

/** Flags of what a step has come to. */
export const NOTHING = 0
/** Somebody speaks over the agent, since about `soundedFor` seconds. Said once for a sound. */
export const DOUBT = 1
/** A report is due: about once a second while the agent is audible, else every five. */
export const REPORT = 2
/** `echo` has another value than before. */
export const ECHO = 4

export type EchoState = 'unknown' | 'good' | 'poor' | 'raw'

/** What a step reads of an `Envelope`. */
export type Block = Pick<Envelope, 'level' | 'power'>

/** As in the caller protocol's `Levels`; `at` is for whoever knows the microphone clock. */
export interface LevelsReport {
  /** Samples at 16 kHz that each value stands for. */
  readonly step: number
  /** dBFS, oldest first; the last one ends at most `step` before the newest block does. */
  readonly mic: readonly number[]
  readonly far: readonly number[]
  readonly returnLossDb: number | null
  readonly delayMs: number | null
  readonly noiseDbfs: number | null
}

const BANDS = CENTRES.length
/** Blocks of what was played that are kept, and delays that are looked for: 0 to 400 ms. */
const KEPT = 48
const LAGS = 41
/** What an envelope takes in of a new block. Far rises quicker, or it would lag behind its own echo. Seed 1. */
const SMOOTH = 0.2
const SMOOTH_FAR = 0.3
const FALL = 0.2
/** Powers below are silence: -90 dBFS. A loudspeaker is heard from -60, a caller from -50. */
const SILENCE = 1e-9
const PLAYED = 1e-6
const LEAST = 1e-5
/** Correlation from which a delay is believed, beyond what chance makes of as many blocks. Seed 1. */
const ALIKE = 0.5
/** By so much a mean band must exceed the noise and the expected echo, for so many blocks: 2.4 dB, 110 ms. Seed 1. */
const OVER = 0.55
const NEEDS = 11
/** The noise is tracked at its lower third; it is so much more in the mean. */
const NOISE_MARGIN = 0.2
/** Echo is expected up to so many times what was learnt, as a room scatters it. Seed 1. */
const ECHO_TIMES = 2
/** Nepers a block at which the noise is tracked: 2 dB a second up, 4 down. Not tuned. */
const PACE = 0.015
/** Blocks with sound of the agent before anything is doubted: what comes back must be learnt first. Seed 1. */
const LEARN = 80
/** Share of a block in what is learnt of the echo: three seconds of speech. One block counts at most three times what was
 * expected, so that a caller who speaks meanwhile is not learnt for an echo. */
const FORGET = 0.003
const MOST = 3
/**
 * After both have spoken a canceller needs half a second to one and a half until it cancels again; meanwhile up to -42 dBFS
 * of an agent at -20 comes through (measured, Chromium 156).
 */
const UPSET = 150
const UPSET_COUPLING = 0.006
/** A sound of so many blocks is no interruption any more; it may as well be a noisy room. */
const LONG = 200
/** Return loss from which both may talk, and below which nothing seems to be cancelled: a laptop's own is 0 to 14 dB. */
const GOOD_DB = 20
const RAW_DB = 15
/** Blocks with sound of the agent in which the echo must be of another kind before it is told. */
const SETTLED = 300
/** Blocks of one value of a report, and values of the longest one. */
const REPORTED = 5
const VALUES = 100

export class Detector {
  /** How well the machine keeps the agent out of the microphone; 'unknown' until the agent was heard for some seconds. */
  echo: EchoState = 'unknown'
  /** Level of the microphone (RMS, 0..1) in the block that was doubted, and for how many seconds that sound had lasted. */
  doubtLevel = 0
  soundedFor = 0
  /** Whether the agent can be heard at the microphone now: something was played within the last half second. */
  audible = false

  // of each band: smoothed powers of the microphone, the room's noise (as a logarithm), how echo and far go together
  readonly #heard = new Float64Array(BANDS)
  readonly #noise = new Float64Array(BANDS)
  readonly #both = new Float64Array(BANDS)
  readonly #self = new Float64Array(BANDS)
  /** Smoothed powers of what was played, newest at `#at`; and the logarithms of their sums. */
  readonly #played = new Float64Array(BANDS * KEPT)
  readonly #loudness = new Float64Array(KEPT)
  // correlation of loudness at each delay
  readonly #together = new Float64Array(LAGS)
  readonly #mean = new Float64Array(LAGS)
  readonly #spread = new Float64Array(LAGS)
  #aligned = 0
  #micMean = 0
  #micSpread = 0
  /** Delay in blocks, -1 while unknown. */
  #lag = -1
  #at = 0
  #blocks = 0
  /** Blocks since something was played, blocks in which the echo could be learnt. */
  #quiet = KEPT
  #learnt = 0
  /** Evidence of a sound, its length in blocks, whether it was told, blocks until the canceller can be trusted again. */
  #evidence = 0
  #length = 0
  #told = false
  #noisy = 0
  #upset = 0
  #other = 0
  #candidate: EchoState = 'unknown'
  // of the report that is being collected
  readonly #values = [new Float64Array(VALUES), new Float64Array(VALUES)] as const
  #micSum = 0
  #farSum = 0
  #collected = 0

  /** `seconds`: length of a block, from the microphone's `Envelope`. */
  constructor(readonly seconds: number) {}

  /** What is known of the path from the loudspeaker to the microphone, and of the room; null while it is not. */
  get returnLossDb(): number | null {
    if (this.#learnt < LEARN) return null
    let both = SILENCE * SILENCE
    let self = SILENCE * SILENCE
    for (let b = 0; b < BANDS; b++) {
      both += Math.max(0, this.#both[b] ?? 0)
      self += this.#self[b] ?? 0
    }
    return Math.min(60, -10 * Math.log10(both / self))
  }

  get delayMs(): number | null {
    return this.#lag < 0 ? null : 1000 * this.seconds * this.#lag
  }

  get noiseDbfs(): number | null {
    let sum = 0
    for (let b = 0; b < BANDS; b++) sum += Math.exp(this.#noise[b] ?? 0)
    return this.#blocks < 100 ? null : db(sum)
  }

  /** One block of the microphone and the newest of the loudspeaker. Flags of what follows. */
  step(mic: Block, far: Block): number {
    this.#play(far)
    const over = this.#listen(mic)
    return this.#judge(over, mic.level) | this.#collect(mic.level, far.level)
  }

  /** The levels since the last report, and what is known. */
  report(): LevelsReport {
    const count = Math.floor(this.#collected / REPORTED)
    const [mic, far] = this.#values
    this.#collected = this.#micSum = this.#farSum = 0
    return {
      step: Math.round(REPORTED * this.seconds * 16_000),
      mic: Array.from(mic.subarray(0, count), db),
      far: Array.from(far.subarray(0, count), db),
      returnLossDb: this.returnLossDb,
      delayMs: this.delayMs,
      noiseDbfs: this.noiseDbfs,
    }
  }

  #play(far: Block): void {
    const before = this.#at * BANDS
    this.#at = (this.#at + 1) % KEPT
    let sum = SILENCE
    for (let b = 0; b < BANDS; b++) {
      const was = this.#played[before + b] ?? 0
      const power = far.power[b] ?? 0
      const now = was + (power > was ? SMOOTH_FAR : FALL) * (power - was)
      this.#played[this.#at * BANDS + b] = now
      sum += now
    }
    this.#loudness[this.#at] = Math.log(sum)
    this.#quiet = sum > PLAYED ? 0 : this.#quiet + 1
    this.audible = this.#quiet * this.seconds < 0.5
  }

  /** How far the microphone is above noise and expected echo, in the mean of the bands; learns both. */
  #listen(mic: Block): number {
    const first = this.#blocks++ === 0
    const unsure = this.#lag < 0
    const from = unsure ? 0 : Math.max(0, this.#lag - 1)
    const to = unsure ? LAGS : this.#lag + 3
    const share = Math.max(FORGET, 1 / (1 + this.#learnt))
    // quick at first and in a sound that does not end
    const pace = this.#blocks < 100 ? 0.1 : this.#noisy > LONG ? 0.1 : PACE
    let over = 0
    let loud = false
    let all = SILENCE
    let noises = SILENCE
    for (let b = 0; b < BANDS; b++) {
      let played = 0
      for (let lag = from; lag <= to; lag++) {
        played = Math.max(played, this.#played[((this.#at - lag + KEPT) % KEPT) * BANDS + b] ?? 0)
      }
      const was = this.#heard[b] ?? 0
      const heard = was + (first ? 1 : SMOOTH) * ((mic.power[b] ?? 0) + SILENCE - was)
      this.#heard[b] = heard
      const lower = first ? Math.log(heard) : (this.#noise[b] ?? 0)
      const noise = Math.exp(lower + NOISE_MARGIN)
      const learnt = Math.max(0, (this.#both[b] ?? 0) / ((this.#self[b] ?? 0) + SILENCE * SILENCE))
      const echo = played * ECHO_TIMES * Math.max(learnt, this.#upset > 0 ? UPSET_COUPLING : 0)
      over += Math.max(0, Math.log(heard / (noise + echo)))
      all += heard
      noises += noise
      const rises = echo < noise / 2 || this.#blocks < 100 || this.#noisy > LONG ? 0.3 * pace : 0
      this.#noise[b] = lower + (Math.log(heard) < lower ? -0.7 * pace : rises)
      if (played > PLAYED) {
        loud = true
        const believed = this.#learnt < LEARN ? heard : Math.min(heard, (unsure ? 1 : MOST) * (noise + echo))
        this.#both[b] = (this.#both[b] ?? 0) * (1 - share) + share * played * (believed - noise)
        this.#self[b] = (this.#self[b] ?? 0) * (1 - share) + share * played * played
      }
    }
    if (loud) this.#learnt++
    if (this.audible) this.#align(Math.log(Math.max(all - noises, noises / 10)))
    return all > LEAST ? over / BANDS : 0
  }

  /** Correlates the loudness of the microphone with what was played at each delay. */
  #align(loudness: number): void {
    const share = Math.max(0.002, 1 / ++this.#aligned)
    const heard = loudness - this.#micMean
    this.#micMean += share * heard
    this.#micSpread = (1 - share) * (this.#micSpread + share * heard * heard)
    let best = ALIKE + 2.5 * Math.sqrt(share)
    let found = -1
    for (let lag = 0; lag < LAGS; lag++) {
      const mean = this.#mean[lag] ?? 0
      const played = (this.#loudness[(this.#at - lag + KEPT) % KEPT] ?? 0) - mean
      const spread = (1 - share) * ((this.#spread[lag] ?? 0) + share * played * played)
      const together = (1 - share) * ((this.#together[lag] ?? 0) + share * heard * played)
      this.#mean[lag] = mean + share * played
      this.#spread[lag] = spread
      this.#together[lag] = together
      const alike = together / Math.sqrt(spread * this.#micSpread + SILENCE)
      if (alike > best) {
        best = alike
        found = lag
      }
    }
    if (found < 0 || this.#aligned < LEARN || this.#blocks % 25 !== 0) return
    if (Math.abs(found - this.#lag) > 1) this.#learnt = 0
    this.#lag = found
  }

  #judge(over: number, level: number): number {
    let flags = NOTHING
    if (this.#upset > 0) this.#upset--
    const noisy = over > OVER
    this.#noisy = Math.max(0, Math.min(2 * LONG, this.#noisy + (noisy ? 1 : -1)))
    if (this.#learnt < LEARN) this.#evidence = 0
    else if (noisy) this.#evidence = Math.min(this.#evidence + 1, 3 * NEEDS)
    else if (this.#evidence > 0) this.#evidence--
    if (this.#evidence === 0) {
      this.#told = false
      this.#length = 0
    } else this.#length++
    if (this.#evidence >= NEEDS && this.audible) {
      this.#upset = UPSET
      if (!this.#told) {
        this.#told = true
        this.doubtLevel = level
        this.soundedFor = this.#length * this.seconds
        flags = DOUBT
      }
    }
    const loss = this.#quiet === 0 ? this.returnLossDb : null
    if (loss !== null) {
      const state = loss >= GOOD_DB ? 'good' : loss < RAW_DB ? 'raw' : 'poor'
      this.#other = state === this.#candidate ? this.#other + 1 : 0
      this.#candidate = state
      if (this.#other > SETTLED && state !== this.echo) {
        this.echo = state
        flags |= ECHO
      }
    }
    return flags
  }

  #collect(mic: number, far: number): number {
    this.#micSum += mic * mic
    this.#farSum += far * far
    if (++this.#collected % REPORTED === 0) {
      const index = Math.min(this.#collected / REPORTED, VALUES) - 1
      this.#values[0][index] = this.#micSum / REPORTED
      this.#values[1][index] = this.#farSum / REPORTED
      this.#micSum = this.#farSum = 0
    }
    return this.#collected * this.seconds >= (this.audible ? 1 : 5) ? REPORT : NOTHING
  }
}

/** dBFS of a power, to a tenth; -120 for silence. */
function db(power: number): number {
  return Math.max(-120, Math.round(100 * Math.log10(power + 1e-13)) / 10)
}
