// What the threads of a call tell each other. Positions named `at` or `position` of the microphone are samples at 16 kHz
// of the microphone clock, which counts through gaps; positions in a reply are samples at 24 kHz.
// The processors count on a clock of their own that begins at any number; the worker's line (`core/line.ts`) moves their
// positions to the call's clock, also when an AudioContext was made anew and counts from 0 again.
//
//   page ── PageToWorker / WorkerToPage ── worker ── WorkerToCapture / CaptureToWorker ── capture processor
//                                             └───── WorkerToPlayback / PlaybackToWorker ─ playback processor
//
// Both processors stand in one AudioContext, hence in one thread, and share `src/worklets/room.ts`: the clock, the
// envelope of what is being played, and the local hold.

/** A MessagePort as far as we use it; worklets, workers and tests all have one. */
export interface Port<Out, In> {
  postMessage(message: Out, transfer?: readonly unknown[]): void
  onmessage: ((event: {readonly data: In}) => void) | null
}

// ------------------------------------------------------------------------------------------------ capture processor

export type WorkerToCapture =
  /** Zeros keep flowing while muted: the clock and the link stay alive. */
  | {readonly kind: 'mute'; readonly on: boolean}
  /** Half duplex: nothing of the microphone passes while the agent is audible here. */
  | {readonly kind: 'half_duplex'; readonly on: boolean}

export type CaptureToWorker =
  /** 512 samples (32 ms) of Int16 LE mono at 16 kHz; the buffer is transferred. `level` is the RMS, 0..1. */
  | {readonly kind: 'frame'; readonly position: number; readonly pcm: ArrayBuffer; readonly level: number}
  /** The detector hears somebody over the agent; the playback processor has been held already. */
  | {readonly kind: 'doubt'; readonly reply: number; readonly at: number; readonly level: number}
  /** About once a second while the agent is audible, else every few seconds. dBFS, one value for each `step` samples. */
  | {
      readonly kind: 'levels'
      readonly at: number
      readonly step: number
      readonly mic: readonly number[]
      readonly far: readonly number[]
      readonly returnLossDb: number | null
      readonly delayMs: number | null
      readonly noiseDbfs: number | null
    }
  /** The estimate of the return loss has settled on another verdict. */
  | {readonly kind: 'echo'; readonly state: 'good' | 'poor' | 'raw'}
  /** The microphone has delivered exact zeros for 2 s (or something again). */
  | {readonly kind: 'silent'; readonly on: boolean}
  | Disturbed

// ----------------------------------------------------------------------------------------------- playback processor

export type WorkerToPlayback =
  /**
   * Int16 LE mono at 24 kHz; the buffer is transferred. What overlaps with what is queued already is trimmed. The first
   * chunk of a reply may begin at any position (a page that was reloaded): that is where it is played from, no gap.
   */
  | {readonly kind: 'chunk'; readonly reply: number; readonly position: number; readonly pcm: ArrayBuffer}
  /** The reply has so many samples in all. */
  | {readonly kind: 'done'; readonly reply: number; readonly samples: number}
  | {readonly kind: 'hold'; readonly reply: number}
  | {readonly kind: 'resume'; readonly reply: number}
  /** This reply and all before it are over; late chunks of them stay silent. */
  | {readonly kind: 'cut'; readonly reply: number}

export type PlaybackToWorker =
  /** Every ~100 ms while something plays, at each end, hold and cut: `samples` of the reply were heard at `at`. */
  | {readonly kind: 'played'; readonly reply: number; readonly samples: number; readonly at: number}
  /** The reply was heard to its end. */
  | {readonly kind: 'finished'; readonly reply: number; readonly samples: number; readonly at: number}
  /** Whether something sounds now; `reply` is 0 when nothing does. */
  | {readonly kind: 'audible'; readonly reply: number}
  | Disturbed

/** Something that disturbed the sound; `what` as in the caller protocol's `Fault`. */
export type Disturbed = {
  readonly kind: 'fault'
  readonly what: import('./core/protocol.ts').Fault['what']
  readonly at: number
  readonly ms: number
  readonly count: number
}

// ------------------------------------------------------------------------------------------------- page and worker

export type PageToWorker =
  | import('./core/signals.ts').PageEvent
  /** The worker's halves of the channels to both processors come along, capture first; they replace those before. */
  | {readonly kind: 'connect'}
  /** The processors are gone (text mode, another audio context). */
  | {readonly kind: 'disconnect'}

export type WorkerToPage =
  | import('./core/signals.ts').LineNews
  /** First of all: the worker's code runs. */
  | {readonly kind: 'ready'}
  /** Something was thrown; the call goes on as well as it can. `what` is the name of the error. */
  | {readonly kind: 'broke'; readonly what: string}
