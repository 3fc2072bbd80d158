// From the playback node to the loudspeaker: straight to the context's destination, or on iOS through an `<audio>`: there
// what comes from no media stream is ducked while the microphone is open.
import {GESTURES} from './context.ts'
import {detectPlatform, type Platform} from './platform.ts'

export interface OutputHost {
  readonly platform: Platform
  /** A detached `<audio>`. */
  element(): HTMLAudioElement
  /** `navigator.audioSession`, where it exists (iOS): what the silent switch means to us. */
  readonly session: {type: string} | undefined
  /** Gestures are listened for here while the browser does not let the element play. */
  readonly page: EventTarget
}

export function browserOutputHost(): OutputHost {
  return {
    platform: detectPlatform(navigator),
    element: () => new Audio(),
    session: (navigator as {audioSession?: {type: string}}).audioSession,
    page: document,
  }
}

/** Long enough for a route to open, in seconds. */
const PRIMING_S = 0.1
/** Gestures count also where a page keeps them from going on. */
const CAPTURE = {capture: true}

export class Output {
  /** Connect the playback node to this. */
  readonly input: GainNode
  readonly #context: AudioContext
  readonly #host: OutputHost
  readonly #routed: (plays: boolean) => void
  #element: HTMLAudioElement | null = null
  #stream: MediaStreamAudioDestinationNode | null = null
  #closed = false
  readonly #play = () => void this.unlock()

  /** @param routed called with whether sound may come out, whenever that was tried. */
  constructor(context: AudioContext, routed: (plays: boolean) => void, host: OutputHost = browserOutputHost()) {
    this.#context = context
    this.#routed = routed
    this.#host = host
    this.input = context.createGain()
  }

  /** In the gesture, right after the context was made. Opens the route and primes it with silence. */
  start(): void {
    this.#category('play-and-record') // sounds although the silent switch is on
    if (this.#host.platform.ios) this.#viaElement(this.#host.element())
    else this.input.connect(this.#context.destination)
    // At the context's own rate: silence of another one can flip the rate of the hardware (iOS).
    const silence = this.#context.createBufferSource()
    silence.buffer = this.#context.createBuffer(1, this.#context.sampleRate * PRIMING_S, this.#context.sampleRate)
    silence.connect(this.input)
    silence.start()
    void this.unlock()
  }

  /** In a gesture: start the `<audio>` that the browser had refused to. The next gesture anywhere does so, too. */
  async unlock(): Promise<void> {
    let plays = true
    try {
      await this.#element?.play()
    } catch {
      plays = false
    }
    if (this.#closed) return
    this.#listen(!plays)
    this.#routed(plays)
  }

  close(): void {
    this.#closed = true
    this.#listen(false)
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

  #listen(on: boolean): void {
    const {page} = this.#host
    for (const gesture of GESTURES) {
      if (on) page.addEventListener(gesture, this.#play, CAPTURE)
      else page.removeEventListener(gesture, this.#play, CAPTURE)
    }
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
