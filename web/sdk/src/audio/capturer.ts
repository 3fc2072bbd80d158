// What happens to the sound of the microphone between the device and the worker: who may be heard (mute, half duplex, the
// guarded first seconds), who is heard (the detector), and the frames that are sent. Runs in the capture processor, and on
// the page where there are no worklets.

import type {CaptureToWorker, WorkerToCapture} from '../ports.ts'
import {Detector, DOUBT, ECHO, REPORT} from './detector.ts'
import {Envelope} from './envelope.ts'
import {Framer, MIC_HZ} from './framer.ts'
import {type GateNumbers, NoiseGate} from './noisegate.ts'

/** What the capturer shares with the player of the same AudioContext; `worklets/room.ts` is one. */
export interface CaptureRoom {
  /** The microphone clock at a frame of the context. */
  at(frame: number): number
  /** Pushed each quantum with what is being played. */
  readonly far: Envelope
  /** The reply that sounds now, or 0. */
  readonly audible: number
  /** Silence is wanted since this reply sounded, 0 when it is not. */
  held: number
}

export type SendCaptured = (message: CaptureToWorker, transfer?: readonly ArrayBuffer[]) => void

/** Exact zeros for so long are a microphone that was taken away (iOS gives it to another app), not a quiet room. */
const SILENT_S = 2
/**
 * A browser's canceller that has listened for so long lets the agent's first words through at −75 dBFS and less, one
 * that has just begun at −62 (Chromium 156, simulated echo path); then nothing passes while the agent is heard, for the
 * two seconds it takes to converge.
 */
const WARM_S = 2.5
const GUARD_S = 2

/** A context leaves quanta out in its first 200 ms (seen in Chromium 156); nobody has spoken yet. */
const SETTLE_S = 0.5

const QUANTUM = 128
const SILENCE = new Float32Array(QUANTUM)

export class Capturer {
  readonly #rate: number
  readonly #room: CaptureRoom
  readonly #send: SendCaptured
  readonly #framer: Framer
  readonly #mic: Envelope
  readonly #detector: Detector
  #muted = false
  #halfDuplex = false
  /** Seconds of exact zeros up to now. */
  #zeros = 0
  #silent = false
  /** Seconds of the microphone up to now; its canceller is as old. */
  #heard = 0
  #agentHeard = false
  /** Seconds of the guard that are left. */
  #guard = 0

  /** @param rate of the device in Hz. */
  constructor(rate: number, room: CaptureRoom, send: SendCaptured, gate: GateNumbers | null = null) {
    this.#rate = rate
    this.#room = room
    this.#send = send
    this.#mic = new Envelope(rate)
    this.#detector = new Detector(this.#mic.seconds)
    this.#framer = new Framer(
      rate,
      (position, pcm, level) => send({kind: 'frame', position, pcm, level}, [pcm]),
      gate && new NoiseGate(gate, MIC_HZ),
    )
  }

  receive({kind, on}: WorkerToCapture): void {
    if (kind === 'half_duplex') this.#halfDuplex = on
    else {
      if (on && !this.#muted) this.#framer.flush()
      this.#muted = on
    }
  }

  /** Another device or another stream: its canceller begins anew. */
  renew(): void {
    this.#heard = this.#guard = 0
    this.#agentHeard = false
  }

  /**
   * A render quantum.
   * @param frame of the context at which it begins.
   * @param input mono; undefined while no microphone is connected: then silence flows, for the clock goes on.
   */
  quantum(frame: number, input: Float32Array | undefined): void {
    const seconds = QUANTUM / this.#rate
    if (input) this.#heard += seconds
    const closed = this.#closed(seconds)
    this.#listen(input ?? SILENCE, this.#room.at(frame + QUANTUM), closed)
    const at = this.#room.at(frame)
    const missing = this.#framer.push(at, (!closed && input) || SILENCE)
    if (missing > 0 && this.#heard > SETTLE_S) this.#fault('gap', at - missing, missing / MIC_HZ, 1)
    const {broken} = this.#framer
    if (broken > 0 && this.#heard % 1 < seconds) {
      this.#framer.broken = 0
      this.#fault('device', at, broken / this.#rate, broken)
    }
  }

  /** The end: what there is of the last frame goes out. */
  stop(): void {
    this.#framer.flush()
  }

  #fault(what: 'gap' | 'device', at: number, seconds: number, count: number): void {
    this.#send({kind: 'fault', what, at: Math.round(at), ms: seconds * 1000, count})
  }

  /** Whether nothing of what is heard now may pass. */
  #closed(seconds: number): boolean {
    const sounds = this.#room.audible !== 0
    if (sounds && !this.#agentHeard && this.#heard < WARM_S) this.#guard = GUARD_S
    this.#agentHeard ||= sounds
    this.#guard -= seconds
    // The room rings on after the loudspeaker; the detector knows for how long.
    return this.#muted || ((this.#halfDuplex || this.#guard > 0) && (sounds || this.#detector.audible))
  }

  #listen(sound: Float32Array, now: number, closed: boolean): void {
    if (!this.#mic.push(sound)) return
    const detector = this.#detector
    const said = detector.step(this.#mic, this.#room.far)
    const {echo} = detector
    const before = (samples: number) => Math.max(0, Math.round(now - samples))
    // Who is not heard cannot interrupt either.
    const reply = closed ? 0 : this.#room.audible
    if (said & DOUBT && reply !== 0) {
      this.#room.held = reply
      this.#send({kind: 'doubt', reply, at: before(detector.soundedFor * MIC_HZ), level: detector.doubtLevel})
    }
    if (said & ECHO && echo !== 'unknown') this.#send({kind: 'echo', state: echo})
    if (said & REPORT) {
      const levels = detector.report()
      this.#send({kind: 'levels', at: before(levels.step * levels.mic.length), ...levels})
    }
    this.#zeros = this.#mic.level === 0 ? this.#zeros + this.#mic.seconds : 0
    const silent = this.#zeros >= SILENT_S
    if (silent !== this.#silent) this.#send({kind: 'silent', on: silent})
    this.#silent = silent
  }
}
