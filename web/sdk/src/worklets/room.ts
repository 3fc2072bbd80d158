// What the processors of one AudioContext share. They run in one thread, so a value written by one is read by the other
// in the same or the next quantum; no lock and no message is needed. `index.ts` makes the one room of its context.

import {Envelope} from '../audio/envelope.ts'
import {MIC_HZ} from '../audio/framer.ts'

export class Room {
  /**
   * What was rendered, pushed by the playback processor in every quantum, silence included. Times are those of
   * rendering: the device's output latency comes on top.
   */
  readonly far: Envelope
  /** The reply that sounds in this quantum, 0 when none does. Written by the playback processor alone. */
  audible = 0
  /**
   * Other than 0: silence from the same or the next quantum on, after a ramp of a few ms; the place is kept. It is the
   * reply it was said of, whose cut ends it. The detector writes `audible` here before it tells the worker, the playback
   * processor what the gateway asks for.
   */
  held = 0

  /** @param rate frames per second of the context. */
  constructor(readonly rate: number) {
    this.far = new Envelope(rate)
  }

  /** The microphone clock at a frame of the context, in whole samples: it counts whether or not one delivers anything. */
  at(frame: number): number {
    return Math.floor((frame * MIC_HZ) / this.rate)
  }
}
