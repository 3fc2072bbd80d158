// From the playback node to the loudspeaker: straight to the context's destination, or through an `<audio>` where that is
// better: iOS ducks what comes from no media stream while the microphone is open, and some browsers choose loudspeakers
// for elements only.
import {detectPlatform, type Platform} from './platform.ts'

export interface OutputHost {
  readonly platform: Platform
  /** A detached `<audio>`. */
  element(): HTMLAudioElement
  /** `navigator.audioSession`, where it exists (iOS): what the silent switch means to us. */
  readonly session: {type: string} | undefined
}

export function browserOutputHost(): OutputHost {
  return {
    platform: detectPlatform(navigator),
    element: () => new Audio(),
    session: (navigator as {audioSession?: {type: string}}).audioSession,
  }
}

/** Long enough for a route to open, in seconds. */
const PRIMING_S = 0.1

export class Output {
  /** Connect the playback node to this; it stays the same when the route changes. */
  readonly input: GainNode
  readonly #context: AudioContext
  readonly #host: OutputHost
  #element: HTMLAudioElement | null = null
  #stream: MediaStreamAudioDestinationNode | null = null
  #closed = false
  readonly #play = () => void this.unlock()

  constructor(context: AudioContext, host: OutputHost = browserOutputHost()) {
    this.#context = context
    this.#host = host
    this.input = context.createGain()
  }

  /**
   * In the gesture, right after the context was made. Opens the route and primes it with silence.
   * @param voice whether a microphone will be open.
   * @returns whether sound may come out now; if not, `unlock` in the next gesture.
   */
  start(voice = true): Promise<boolean> {
    // 'playback' sounds although the silent switch is on; with a microphone it is a conversation in any case.
    this.#category(voice ? 'play-and-record' : 'playback')
    if (this.#host.platform.ios) this.#viaElement(this.#host.element())
    else this.input.connect(this.#context.destination)
    // At the context's own rate: silence of another one can flip the rate of the hardware (iOS).
    const silence = this.#context.createBufferSource()
    silence.buffer = this.#context.createBuffer(1, this.#context.sampleRate * PRIMING_S, this.#context.sampleRate)
    silence.connect(this.input)
    silence.start()
    return this.unlock()
  }

  /** In a gesture: start the `<audio>` that the browser had refused to. */
  async unlock(): Promise<boolean> {
    try {
      await this.#element?.play()
      return !this.#closed
    } catch {
      return false
    }
  }

  /**
   * Another loudspeaker; '' is the default one. Browsers are said to cancel echo worse for others than the default.
   * @returns false when this browser cannot, the device is gone, or the frame may not (`allow="speaker-selection"`).
   */
  async useSink(deviceId: string): Promise<boolean> {
    const context = this.#context as AudioContext & {setSinkId?(id: string): Promise<void>}
    try {
      if (this.#element === null && context.setSinkId) {
        await context.setSinkId(deviceId)
        return true
      }
      const element = this.#element ?? this.#host.element()
      if (!element.setSinkId) return deviceId === ''
      await element.setSinkId(deviceId)
      if (this.#element === null) {
        this.input.disconnect()
        this.#viaElement(element)
      }
      return await this.unlock()
    } catch {
      return false
    }
  }

  close(): void {
    this.#closed = true
    this.input.disconnect()
    if (this.#element) {
      this.#element.removeEventListener('canplay', this.#play)
      this.#element.pause()
      this.#element.srcObject = null
    }
    for (const track of this.#stream?.stream.getTracks() ?? []) track.stop()
    this.#element = this.#stream = null
    this.#category('auto')
  }

  #viaElement(element: HTMLAudioElement): void {
    this.#stream = this.#context.createMediaStreamDestination()
    this.input.connect(this.#stream)
    // `autoplay` alone never starts an element that is fed later (Safari): play when it is attached, and when it could
    element.srcObject = this.#stream.stream
    element.addEventListener('canplay', this.#play)
    this.#element = element
  }

  #category(type: string): void {
    if (this.#host.session) this.#host.session.type = type
  }
}
