// Finds what delays sound on its way through the worker: microphone frames that come late (a busy audio thread or
// machine), a network that takes nothing, and one that brings nothing while the loudspeaker runs dry. Pure; told of
// every frame, so nothing here allocates.

/** Frames of 32 ms come on the device's grid of 10 ms and within a few ms of it on a quiet machine (p99 22 ms of jitter
 * were measured for 20 ms frames); a frame that is later than a frame and a half waited for somebody. */
export const LATE_MS = 48
/** So many late frames in a row (three seconds) come of no busy thread: the microphone's clock stood, and goes on later. */
const STOOD_FRAMES = 100
/** The audio clock and the wall clock part by some ten ppm; the best time seen so far may age by this much. */
const DRIFT_MS_PER_S = 0.5
/** Bytes that lie unsent for longer are heard as a gap by the model. Not tuned. */
export const UPLINK_GAP_MS = 250
/** The gateway sends a reply two seconds ahead: when it runs dry, nothing came for much longer than between chunks. */
export const DOWNLINK_GAP_MS = 200

export type Delay = {readonly what: 'late_frame' | 'network_gap'; readonly ms: number; readonly count: number}

export class Lateness {
  /** Wall clock minus microphone clock of the promptest frame, ms. */
  #best = Number.POSITIVE_INFINITY
  #seenAt = 0
  #lateMs = 0
  #lateFrames = 0
  #unsentSince = -1
  #receivedAt = -1

  /** The microphone's clock has jumped: what was learnt of it is void. */
  restart(): void {
    this.#best = Number.POSITIVE_INFINITY
    this.#lateMs = this.#lateFrames = 0
  }

  /**
   * A microphone frame came.
   * @param endsAt where it ends on the microphone's clock, samples at 16 kHz
   * @param unsent bytes the socket has not got rid of
   * @param now seconds
   * @returns what has just ended, told once
   */
  frame(endsAt: number, unsent: number, now: number): Delay | null {
    return this.#late(endsAt, now) ?? this.#stuck(unsent, now)
  }

  /** Something came of the gateway. */
  received(now: number): void {
    this.#receivedAt = now
  }

  /** The loudspeaker has run dry. */
  ranDry(now: number): Delay | null {
    const ms = (now - this.#receivedAt) * 1000
    return this.#receivedAt >= 0 && ms >= DOWNLINK_GAP_MS ? {what: 'network_gap', ms, count: 1} : null
  }

  #late(endsAt: number, now: number): Delay | null {
    const behind = now * 1000 - endsAt / 16
    this.#best = Math.min(behind, this.#best + (now - this.#seenAt) * DRIFT_MS_PER_S)
    this.#seenAt = now
    const lateMs = behind - this.#best
    if (lateMs > LATE_MS) {
      this.#lateMs = Math.max(this.#lateMs, lateMs)
      this.#lateFrames += 1
      if (this.#lateFrames < STOOD_FRAMES) return null
    } else if (this.#lateFrames === 0) return null
    const delay: Delay = {what: 'late_frame', ms: this.#lateMs, count: this.#lateFrames}
    if (this.#lateFrames >= STOOD_FRAMES) this.#best = behind
    this.#lateMs = this.#lateFrames = 0
    return delay
  }

  #stuck(unsent: number, now: number): Delay | null {
    if (unsent > 0) {
      if (this.#unsentSince < 0) this.#unsentSince = now
      return null
    }
    const ms = this.#unsentSince < 0 ? 0 : (now - this.#unsentSince) * 1000
    this.#unsentSince = -1
    return ms >= UPLINK_GAP_MS ? {what: 'network_gap', ms, count: 1} : null
  }
}
