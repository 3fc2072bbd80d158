// What leaves for the loudspeaker, quantum by quantum: when a reply begins to sound, how it falls silent and goes on, and
// how much of it was heard. Pure: `render` is the clock.
//
// A doubt holds and does not duck: what a caller talks over is lost to them at any volume, a held reply goes on where it
// stopped, and the microphone hears them without us. What a false doubt costs is a pause of a breath.

import type {PlaybackToWorker, WorkerToPlayback} from '../ports.ts'
import {Resampler} from './resample.ts'
import {REPLY_HZ, Ring} from './ring.ts'
import {FAST, type StartSettings, StartThreshold} from './threshold.ts'

/** What the player shares with the capturer of the same AudioContext; `worklets/room.ts` is one. */
export interface PlaybackRoom {
  /** The microphone clock at a frame of the context. */
  at(frame: number): number
  /** Silence is wanted since this reply sounded, 0 when it is not. */
  held: number
  /** The reply that sounds now, or 0. */
  audible: number
}

/** Short enough for silence at once, long enough not to click. */
export const RAMP_MS = 4
const REPORT_MS = 100
/** A reply that has come to a stop gives way to the next after so long: its end is lost. */
const LOST_MS = 1000
const BLOCK = 128

export class Playout {
  readonly ring = new Ring()
  readonly threshold: StartThreshold
  readonly #resampler: Resampler
  /** Samples at 24 kHz that a ramp down takes, and those a block and a ramp after it take: room for them. */
  readonly #fade: number
  readonly #scratch: Float32Array
  readonly #drainFrames: number
  /** The ramp of what has just fallen silent, rendered in advance, and how much of it is still to be heard. */
  readonly #tail: Float32Array
  #tailLeft = 0

  #frame = 0
  /** Loudness in steps of 1 / ramp. */
  #level = 0
  /** The current reply has begun to sound; it may be held or dry. */
  #open = false
  /** For more of the current reply: before its start, or dry. */
  #waiting = true
  /** Frames in which the current reply has waited although it, or the one after it, had something to be heard. */
  #waited = 0
  #dryAt = -1
  #sounding = 0
  #heard = 0
  #unreported = 0
  /** Frames until the last of a reply has left the filter; 0 when nothing is on its way. */
  #drain = 0

  readonly #rate: number
  readonly #room: PlaybackRoom
  readonly #tell: (message: PlaybackToWorker) => void

  /** @param rate frames per second of the device, a whole number. */
  constructor(
    rate: number,
    room: PlaybackRoom,
    tell: (message: PlaybackToWorker) => void,
    settings: StartSettings = FAST,
  ) {
    this.#rate = rate
    this.#room = room
    this.#tell = tell
    this.threshold = new StartThreshold(settings)
    this.#resampler = new Resampler(REPLY_HZ, rate)
    const ratio = REPLY_HZ / rate
    const filter = 2 * this.#resampler.margin
    this.#tail = new Float32Array(Math.round((rate * RAMP_MS) / 1000))
    this.#fade = Math.ceil(this.#tail.length * ratio) + 2
    this.#scratch = new Float32Array(Math.ceil(BLOCK * ratio) + filter + 2 + this.#fade)
    this.#drainFrames = Math.ceil((filter + 1) / ratio)
  }

  /** What the worker says, which has seen to it that its numbers are numbers of replies and samples. */
  receive(message: WorkerToPlayback): void {
    const {reply} = message
    switch (message.kind) {
      case 'chunk': {
        const missing = this.ring.push(reply, message.position, message.pcm)
        if (missing > 0) this.#fault('gap', this.#frame, (missing / REPLY_HZ) * 1000)
        return
      }
      case 'done':
        this.ring.done(reply, message.samples)
        return
      case 'hold':
        this.#room.held = reply
        return
      case 'resume':
        this.#room.held = 0
        return
      case 'cut':
        this.#cut(reply)
    }
  }

  /** Fill a quantum that begins at this frame of the context. */
  render(output: Float32Array, frame: number): void {
    for (let from = 0; from < output.length; from += BLOCK) {
      this.#frame = frame + from
      this.#block(output, from, Math.min(output.length, from + BLOCK))
    }
  }

  #block(output: Float32Array, from: number, to: number): void {
    const frames = to - from
    const wanted = this.#wanted(frames)
    if (!wanted && this.#level > 0) this.#fall()
    this.#frame += frames
    const drain = this.#drain
    let at = from
    while (at < to && this.#tailLeft > 0) output[at++] = this.#tail[this.#tail.length - this.#tailLeft--] ?? 0
    if (wanted) this.#sound(output, at, to)
    else output.fill(0, at, to)
    if (drain > 0 && this.#drain > 0) {
      this.#drain = Math.max(0, drain - frames)
      if (this.#drain === 0) this.#level = 0
    }
    const audible = this.#level + this.#tailLeft > 0 ? this.#sounding : 0
    if (audible !== this.#room.audible) {
      this.#room.audible = audible
      this.#tell({kind: 'audible', reply: audible})
    }
    if (!this.#open || this.#level === 0) return
    this.#unreported += frames
    const ms = this.#ms(this.#unreported)
    if (ms < REPORT_MS) return
    this.threshold.settle(ms)
    this.#report()
  }

  /** Whether this block is to sound. */
  #wanted(frames: number): boolean {
    const ring = this.ring
    const room = this.#room
    // a hold goes over from a reply that ends to the one after it, and is over when there is none
    if (ring.current === 0 && room.held <= ring.ended) room.held = 0
    if (room.held > 0) {
      this.#dryAt = -1 // silence is what was asked for
      return false
    }
    if (this.#waiting) {
      if (!this.#ready(frames)) return this.#drain > 0
      this.#go()
    }
    if (ring.complete || ring.available >= this.#resampler.needed(frames) + this.#fade) return true
    this.#waiting = true
    this.#waited = 0
    this.#dryAt = this.#frame
    return false
  }

  /** Whether the current reply may sound. Time passes for one that waits. */
  #ready(frames: number): boolean {
    const ring = this.ring
    if (ring.complete) return true
    const enough = ring.available >= this.#scratch.length
    if (enough || ring.more) this.#waited += frames
    const waited = this.#ms(this.#waited)
    if (enough) return this.threshold.met((ring.available / REPLY_HZ) * 1000, waited)
    if (waited >= LOST_MS) {
      if (this.#dryAt >= 0) this.#underrun()
      this.#leave()
      ring.cut(ring.current)
    }
    return false
  }

  #go(): void {
    if (this.#dryAt >= 0) {
      // what came late, without the time it then waited for more of itself
      this.threshold.raise(this.#ms(this.#frame - this.#dryAt - this.#waited))
      this.#underrun()
    }
    if (!this.#open) {
      if (this.#level === 0) this.#resampler.reset()
      this.#heard = this.ring.position
      this.#open = true
    }
    this.#sounding = this.ring.current
    this.ring.cut(this.#sounding - 1) // an earlier one that comes now was overtaken
    this.#waiting = false
    this.#waited = this.#drain = 0
    this.#dryAt = -1
  }

  /** The current reply is not to sound any more. */
  #leave(): void {
    this.#open = false
    this.#waiting = true
    this.#waited = 0
    this.#dryAt = -1
  }

  #cut(reply: number): void {
    const ring = this.ring
    if (this.#room.held <= reply) this.#room.held = 0
    if (ring.current <= reply) {
      this.#fall()
      this.#leave()
    }
    ring.cut(reply)
  }

  /** From here on silence, after a ramp: whatever becomes of the reply, its ramp is kept. */
  #fall(): void {
    const tail = this.#tail
    const level = this.#level
    if (level > 0) {
      this.#level = 0
      this.#feed(level, false)
      this.#resampler.pull(tail, tail.length - level, level)
      for (let left = level; left > 0; left--) {
        const i = tail.length - left
        tail[i] = ((tail[i] ?? 0) * left) / tail.length
      }
      this.#tailLeft = level
      this.#drain = 0
    }
    if (this.#open) this.#report()
  }

  /** Sound, with a ramp if it was silent. */
  #sound(output: Float32Array, from: number, to: number): void {
    this.#feed(to - from, true)
    this.#resampler.pull(output, from, to - from)
    const ramp = this.#tail.length
    for (let i = from; i < to && this.#level < ramp; i++) output[i] = ((output[i] ?? 0) * ++this.#level) / ramp
  }

  /** Push what `count` frames take: of the current reply, those after it if they may sound too, and then zeros. */
  #feed(count: number, further: boolean): void {
    const ring = this.ring
    const needed = this.#resampler.needed(count)
    let got = 0
    while (this.#open) {
      got += ring.read(this.#scratch, got, needed - got)
      if (got === needed || !ring.complete) break
      this.#tell({kind: 'finished', reply: ring.current, samples: ring.position, at: this.#room.at(this.#frame)})
      this.#leave()
      ring.cut(ring.current)
      if (further && this.#ready(0)) this.#go()
      else this.#drain = this.#drainFrames
    }
    this.#scratch.fill(0, got, needed)
    this.#resampler.push(this.#scratch, needed)
  }

  #report(): void {
    this.#unreported = 0
    this.#heard = Math.max(this.#heard, this.ring.position - this.#resampler.pending)
    this.#tell({
      kind: 'played',
      reply: this.ring.current,
      samples: this.#heard,
      at: this.#room.at(this.#frame + this.#tailLeft),
    })
  }

  #underrun(): void {
    this.#fault('underrun', this.#dryAt, this.#ms(this.#frame - this.#dryAt))
  }

  #fault(what: 'underrun' | 'gap', frame: number, ms: number): void {
    this.#tell({kind: 'fault', what, at: this.#room.at(frame), ms, count: 1})
  }

  #ms(frames: number): number {
    return (frames / this.#rate) * 1000
  }
}
