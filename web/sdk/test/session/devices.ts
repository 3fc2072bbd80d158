// A machine with microphones that a test plugs, takes away and refuses.

import type {MicrophoneHost} from '../../src/session/microphone.ts'
import type {Platform} from '../../src/session/platform.ts'

export const DESKTOP: Platform = {firefox: false, ios: false, mobile: false}

export class FakeTrack {
  readyState: 'live' | 'ended' = 'live'
  muted = false
  onended: (() => void) | null = null
  onmute: (() => void) | null = null
  onunmute: (() => void) | null = null
  applied: MediaTrackConstraints | null = null

  constructor(
    readonly deviceId: string,
    readonly label: string,
    private readonly machine: Machine,
  ) {}

  stop(): void {
    this.readyState = 'ended' // by ourselves: no event
  }

  getSettings(): MediaTrackSettings {
    return {deviceId: this.deviceId, echoCancellation: this.applied?.echoCancellation === 'all' ? 'all' : true}
  }

  getCapabilities(): MediaTrackCapabilities {
    return {echoCancellation: this.machine.cancels}
  }

  async applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    this.applied = constraints
  }

  /** The device is gone. */
  end(): void {
    this.readyState = 'ended'
    this.onended?.()
  }

  mute(on: boolean): void {
    this.muted = on
    if (on) this.onmute?.()
    else this.onunmute?.()
  }
}

export class FakeStream {
  constructor(private readonly track: FakeTrack) {}

  getTracks(): FakeTrack[] {
    return [this.track]
  }

  getAudioTracks(): FakeTrack[] {
    return [this.track]
  }
}

/** Knows how many listen. */
class Events extends EventTarget {
  readonly listeners = new Set<unknown>()

  override addEventListener(kind: string, listener: EventListener): void {
    this.listeners.add(listener)
    super.addEventListener(kind, listener)
  }

  override removeEventListener(kind: string, listener: EventListener): void {
    this.listeners.delete(listener)
    super.removeEventListener(kind, listener)
  }
}

export class Machine {
  readonly events = new Events()
  readonly asked: MediaTrackConstraints[] = []
  readonly tracks: FakeTrack[] = []
  /** Ids of what is plugged in; the first one is the default. */
  plugged = ['built-in', 'headset']
  cancels: (boolean | string)[] = [true, false, 'remote-only']
  /** Thrown by the next requests, one each. */
  refusals: Error[] = []
  /** Requests wait until it is opened. */
  gate: Promise<void> = Promise.resolve()
  policy: boolean | undefined = true
  time = 10_000
  /** How many tracks were live when another was asked for, each time. */
  readonly liveThen: number[] = []

  host(platform: Partial<Platform> = {}, changes: Partial<MicrophoneHost> = {}): MicrophoneHost {
    return {
      mediaDevices: this.#mediaDevices,
      platform: {...DESKTOP, ...platform},
      secure: true,
      allowed: () => this.policy,
      now: () => this.time,
      ...changes,
    }
  }

  /** Some device came or went. */
  plug(...ids: string[]): void {
    this.plugged = ids
    this.events.dispatchEvent(new Event('devicechange'))
  }

  get live(): number {
    return this.tracks.filter((it) => it.readyState === 'live').length
  }

  get track(): FakeTrack {
    const track = this.tracks.at(-1)
    if (!track) throw new Error('want a track, none was asked for')
    return track
  }

  readonly #mediaDevices = Object.assign(this.events, {
    getUserMedia: async ({audio}: MediaStreamConstraints) => {
      if (typeof audio !== 'object') throw new TypeError('want constraints of audio')
      this.asked.push(audio)
      this.liveThen.push(this.live)
      await this.gate
      const refusal = this.refusals.shift()
      if (refusal) throw refusal
      const wish = audio.deviceId as {exact?: string; ideal?: string} | undefined
      const wanted = wish?.exact ?? wish?.ideal
      const id = this.plugged.find((it) => it === wanted) ?? this.plugged[0]
      if (id === undefined) throw new DOMException('Requested device not found', 'NotFoundError')
      if (wish?.exact !== undefined && id !== wish.exact)
        throw Object.assign(new Error('deviceId'), {name: 'OverconstrainedError'})
      const track = new FakeTrack(id, `The ${id}`, this)
      this.tracks.push(track)
      return new FakeStream(track)
    },
    enumerateDevices: async () => [
      ...this.plugged.map((deviceId) => ({kind: 'audioinput', deviceId, label: `The ${deviceId}`})),
      {kind: 'audiooutput', deviceId: 'speaker', label: 'The speaker'},
    ],
  }) as unknown as MediaDevices
}
