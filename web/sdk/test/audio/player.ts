// A loudspeaker in a test's hands: a player in a room of its own, quantum by quantum.

import {Playout} from '../../src/audio/playout.ts'
import type {StartSettings} from '../../src/audio/threshold.ts'
import type {PlaybackToWorker} from '../../src/ports.ts'
import {Room} from '../../src/worklets/room.ts'

export class Player {
  readonly room: Room
  readonly playout: Playout
  readonly told: PlaybackToWorker[] = []
  /** All that was rendered. */
  sound = new Float32Array(0)
  frame = 0

  constructor(
    readonly rate = 24_000,
    settings?: StartSettings,
  ) {
    this.room = new Room(rate)
    this.playout = new Playout(rate, this.room, (message) => this.told.push(message), settings)
  }

  chunk(reply: number, position: number, samples: readonly number[] | Int16Array): void {
    this.playout.receive({kind: 'chunk', reply, position, pcm: Int16Array.from(samples).buffer})
  }

  done(reply: number, samples: number): void {
    this.playout.receive({kind: 'done', reply, samples})
  }

  hold(reply: number): void {
    this.playout.receive({kind: 'hold', reply})
  }

  resume(reply: number): void {
    this.playout.receive({kind: 'resume', reply})
  }

  cut(reply: number): void {
    this.playout.receive({kind: 'cut', reply})
  }

  /** Render; answers what came out. */
  render(frames: number, quantum = 128): Float32Array {
    const whole = new Float32Array(this.sound.length + frames)
    whole.set(this.sound)
    for (let done = 0; done < frames; done += quantum) {
      const output = new Float32Array(Math.min(quantum, frames - done)).fill(Number.NaN)
      this.playout.render(output, this.frame)
      whole.set(output, this.sound.length + done)
      this.frame += output.length
    }
    const rendered = whole.subarray(this.sound.length)
    this.sound = whole
    return rendered
  }

  seconds(seconds: number): Float32Array {
    return this.render(Math.ceil((seconds * this.rate) / 128) * 128)
  }

  of<K extends PlaybackToWorker['kind']>(kind: K): Extract<PlaybackToWorker, {kind: K}>[] {
    return this.told.filter((message): message is Extract<PlaybackToWorker, {kind: K}> => message.kind === kind)
  }
}

/** Samples that tell where they stand: none is zero, and neighbours in time never look alike. */
export function numbered(reply: number, from: number, count: number): Int16Array {
  return Int16Array.from({length: count}, (_, i) => numberAt(reply, from + i))
}

export function numberAt(reply: number, position: number): number {
  return 1 + ((reply * 7919 + position * 31) % 32_749)
}

export function constant(count: number, value = 16_384): Int16Array {
  return new Int16Array(count).fill(value)
}

/** A sine with its phase kept from chunk to chunk. */
export function sine(hz: number, from: number, count: number, peak = 16_000, rate = 24_000): Int16Array {
  return Int16Array.from({length: count}, (_, i) => Math.round(peak * Math.sin((2 * Math.PI * hz * (from + i)) / rate)))
}

/** The largest step between neighbours; what is no number has none. */
export function largestStep(sound: Float32Array): number {
  let largest = 0
  for (let i = 1; i < sound.length; i++) {
    const step = Math.abs((sound[i] ?? 0) - (sound[i - 1] ?? 0))
    if (step > largest) largest = step
  }
  return largest
}
