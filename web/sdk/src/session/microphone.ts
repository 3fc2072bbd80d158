// The one microphone of the page: asked for in a gesture, watched while it lives, looked for when it is lost, released on
// every way out. Every failure is a state, and out of every failure another `open` may lead.

import {detectPlatform, type Platform} from './platform.ts'

/** Which device is live. `id` and `label` may be empty where the browser hides them. */
export interface Device {
  readonly id: string
  readonly label: string
}

export type Live = Extract<MicrophoneState, {kind: 'live'}>

export type MicrophoneState =
  | {readonly kind: 'off'}
  /** The browser asks the person, or looks for the device; may last for as long as they like. */
  | {readonly kind: 'asking'}
  | {
      readonly kind: 'live'
      readonly stream: MediaStream
      readonly device: Device
      /** The browser removes the agent's voice from it. */
      readonly cancelled: boolean
      /** The system keeps the sound back (a phone call, a switch on the headset). */
      readonly muted: boolean
      /** The device that was chosen is not there; this is the default one. */
      readonly fallback: boolean
    }
  /** `system`: the operating system forbids it to the browser. `dismissed`: the question was closed unanswered. */
  | {readonly kind: 'denied'; readonly by: 'user' | 'system' | 'dismissed'}
  /** Nobody was asked: the frame, its sandbox, plain http or an old browser forbid it. */
  | {readonly kind: 'blocked'; readonly by: 'policy' | 'sandbox' | 'insecure' | 'browser'}
  | {readonly kind: 'missing'}
  /** Another program holds it, or the machine could not start it; or another call of this page has it. */
  | {readonly kind: 'busy'; readonly by: 'system' | 'page'}
  /** There is a microphone, but none that does what every microphone does. */
  | {readonly kind: 'constrained'}
  /** It was live and has ended (unplugged, taken away); it is looked for again by itself as devices come and go. */
  | {readonly kind: 'lost'}

/** What of the browser the microphone needs; tests hand in their own. */
export interface MicrophoneHost {
  readonly mediaDevices: MediaDevices | undefined
  readonly platform: Platform
  readonly secure: boolean
  /** Whether the frame may use a microphone; undefined where the browser does not say. */
  allowed(): boolean | undefined
  /** Milliseconds; only differences are used. */
  now(): number
}

export function browserHost(): MicrophoneHost {
  type Policy = {allowsFeature(name: string): boolean}
  return {
    // undefined on plain http, whatever the types say
    mediaDevices: navigator.mediaDevices as MediaDevices | undefined,
    platform: detectPlatform(navigator),
    secure: isSecureContext,
    allowed() {
      const {permissionsPolicy, featurePolicy} = document as {permissionsPolicy?: Policy; featurePolicy?: Policy}
      return (permissionsPolicy ?? featurePolicy)?.allowsFeature('microphone')
    },
    now: () => performance.now(),
  }
}

/** Microphones; labels are empty until leave was given. Never rejects. */
export async function inputDevices(
  from: Pick<MediaDevices, 'enumerateDevices'> | undefined,
): Promise<readonly Device[]> {
  try {
    const all = (await from?.enumerateDevices()) ?? []
    return all.filter((it) => it.kind === 'audioinput').map((it) => ({id: it.deviceId, label: it.label}))
  } catch {
    return []
  }
}

/**
 * Two streams of one page disturb each other's echo cancellation (Firefox turns it off), so a second call of the page
 * is told that the microphone is busy.
 */
const holders = new WeakMap<MediaDevices, Microphone>()

/** A device that ends within this time, so many times in a row, is let be until some device comes or goes. Not tuned. */
const SHORT_LIFE_MS = 2_000
const SHORT_LIVES = 3

interface Got {
  readonly stream: MediaStream
  readonly track: MediaStreamTrack
}
type Problem = Extract<MicrophoneState, {kind: 'denied' | 'blocked' | 'missing' | 'busy' | 'constrained'}>
type Answer = Got | Problem

export class Microphone {
  readonly #changed: (state: MicrophoneState) => void
  readonly #host: MicrophoneHost
  #state: MicrophoneState = {kind: 'off'}
  #got: Got | null = null
  /** What the person chose; '' for the default device. */
  #wanted = ''
  #running: Promise<MicrophoneState> | null = null
  /** Counts the closes: what was asked for before the last one belongs to nobody. */
  #life = 0
  #since = 0
  #shortLives = 0
  readonly #devicesChanged = () => this.#lookAround()

  constructor(changed: (state: MicrophoneState) => void, host: MicrophoneHost = browserHost()) {
    this.#changed = changed
    this.#host = host
  }

  get state(): MicrophoneState {
    return this.#state
  }

  /**
   * Ask for it; in the gesture, before anything is connected. Calls while one is under way get its answer. May be
   * called again after every failure. Never rejects.
   * @param deviceId what the person chose; the default device when left out, or when that one is not there.
   */
  open(deviceId: string = this.#wanted): Promise<MicrophoneState> {
    if (this.#state.kind === 'live')
      return deviceId === this.#wanted ? Promise.resolve(this.#state) : this.use(deviceId)
    return this.#once(async (life) => {
      const {mediaDevices} = this.#host
      if (mediaDevices) {
        if ((holders.get(mediaDevices) ?? this) !== this) return this.#set({kind: 'busy', by: 'page'})
        holders.set(mediaDevices, this)
        mediaDevices.addEventListener('devicechange', this.#devicesChanged)
      }
      this.#wanted = deviceId
      this.#shortLives = 0
      this.#set({kind: 'asking'})
      return this.#take(await this.#ask(deviceId), life)
    })
  }

  /** Another device: its stream is live before the old one is dropped. When it cannot be had, the old one stays. */
  use(deviceId: string): Promise<MicrophoneState> {
    if (this.#state.kind !== 'live') return this.open(deviceId)
    return this.#once(async (life) => {
      // Firefox turns echo cancellation off for good when there are two, so there the old one goes first.
      if (this.#host.platform.firefox) {
        this.#drop()
        this.#set({kind: 'asking'})
      }
      const answer = await this.#askFor(deviceId)
      if ('track' in answer) {
        this.#wanted = deviceId
        return this.#take(answer, life)
      }
      if (life !== this.#life || this.#got !== null) return this.#state
      return this.#take(await this.#ask(this.#wanted), life)
    })
  }

  /** Every track is stopped, every listener gone. May be called at any time; `open` begins anew. */
  close(): void {
    this.#life++
    this.#running = null
    const {mediaDevices} = this.#host
    mediaDevices?.removeEventListener('devicechange', this.#devicesChanged)
    if (mediaDevices && holders.get(mediaDevices) === this) holders.delete(mediaDevices)
    this.#drop()
    if (this.#state.kind !== 'off') this.#set({kind: 'off'})
  }

  #set(state: MicrophoneState): MicrophoneState {
    this.#state = state
    this.#changed(state)
    return state
  }

  /** One at a time; a second request gets the answer of the first. */
  #once(work: (life: number) => Promise<MicrophoneState>): Promise<MicrophoneState> {
    if (this.#running) return this.#running
    const running = work(this.#life).finally(() => {
      if (this.#running !== running) return
      this.#running = null
      if (this.#got?.track.readyState === 'ended') this.#lose() // while we were busy
    })
    this.#running = running
    return running
  }

  /** The device, or the default one when it cannot be had. */
  async #ask(deviceId: string): Promise<Answer> {
    const life = this.#life
    const answer = await this.#askFor(deviceId)
    if ('track' in answer || deviceId === '' || life !== this.#life) return answer
    return answer.kind === 'denied' || answer.kind === 'blocked' ? answer : this.#askFor('')
  }

  async #askFor(deviceId: string): Promise<Answer> {
    const {mediaDevices, secure, platform} = this.#host
    if (!mediaDevices) return {kind: 'blocked', by: secure ? 'browser' : 'insecure'}
    // The browser would refuse without a word of why.
    if (this.#host.allowed() === false) return {kind: 'blocked', by: 'policy'}
    try {
      const audio = wishes(deviceId, platform)
      const stream = await mediaDevices.getUserMedia({audio})
      const track = stream.getAudioTracks()[0]
      if (!track) return {kind: 'missing'}
      await cancelEverything(track, audio)
      return {stream, track}
    } catch (error) {
      return problemOf(error)
    }
  }

  #take(answer: Answer, life: number): MicrophoneState {
    if (life !== this.#life) {
      if ('track' in answer) release(answer)
      return this.#state
    }
    if ('kind' in answer) return this.#set(answer)
    const {track} = answer
    const old = this.#got
    this.#got = answer
    this.#since = this.#host.now()
    track.onended = () => {
      if (this.#running === null) this.#lose()
    }
    track.onmute = track.onunmute = () => this.#set(this.#live(answer))
    const live = this.#set(this.#live(answer))
    if (old !== null) release(old) // after the new one was connected
    return live
  }

  #live({stream, track}: Got): Live {
    const {deviceId = '', echoCancellation} = track.getSettings()
    return {
      kind: 'live',
      stream,
      device: {id: deviceId, label: track.label},
      cancelled: echoCancellation === true || echoCancellation === 'all',
      muted: track.muted,
      fallback: this.#wanted !== '' && deviceId !== '' && deviceId !== this.#wanted,
    }
  }

  #drop(): void {
    if (this.#got !== null) release(this.#got)
    this.#got = null
  }

  #lose(): void {
    this.#shortLives = this.#host.now() - this.#since < SHORT_LIFE_MS ? this.#shortLives + 1 : 0
    this.#drop()
    this.#set({kind: 'lost'})
    if (this.#shortLives < SHORT_LIVES) void this.#again()
  }

  /** Without a word to the person: leave was given. A device that is not there is waited for. */
  #again(): Promise<MicrophoneState> {
    return this.#once(async (life) => {
      const answer = await this.#ask(this.#wanted)
      const waiting = 'kind' in answer && (answer.kind === 'missing' || answer.kind === 'busy')
      return waiting ? this.#state : this.#take(answer, life)
    })
  }

  async #lookAround(): Promise<void> {
    this.#shortLives = 0
    if (this.#running !== null) return
    if (this.#state.kind === 'lost' || this.#state.kind === 'missing') await this.#again()
    if (this.#state.kind !== 'live' || !this.#state.fallback) return
    const devices = await inputDevices(this.#host.mediaDevices)
    if (devices.some((it) => it.id === this.#wanted) && this.#state.kind === 'live') await this.use(this.#wanted)
  }
}

/**
 * `autoGainControl` is on although it lifts what the canceller leaves of the agent in bursts (to −44 dBFS in the worst
 * quarter second on a simulated path): that is still below the gateway's gate, and without it the voices of people away
 * from their laptop are, too.
 */
function wishes(deviceId: string, platform: Platform): MediaTrackConstraints {
  const device = platform.ios ? {ideal: deviceId} : {exact: deviceId} // iOS knows its devices by other ids the next day
  return {
    // Plain true, never "remote-only", which lets our own playback through.
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    channelCount: 1,
    ...(deviceId === '' ? {} : {deviceId: device}),
  }
}

/** Where the browser can remove all that the machine plays and not only what this page does, let it. */
async function cancelEverything(track: MediaStreamTrack, audio: MediaTrackConstraints): Promise<void> {
  try {
    if (track.getCapabilities().echoCancellation?.includes('all'))
      await track.applyConstraints({...audio, echoCancellation: 'all'})
  } catch {
    // an old browser without capabilities, or one that thought better of it: plain cancellation stays on
  }
}

function release({stream, track}: Got): void {
  track.onended = track.onmute = track.onunmute = null
  for (const each of stream.getTracks()) each.stop()
}

function problemOf(error: unknown): Problem {
  const {name, message} = error instanceof Error ? error : new Error(String(error))
  switch (name) {
    case 'NotAllowedError':
      if (/system/i.test(message)) return {kind: 'denied', by: 'system'}
      return {kind: 'denied', by: /dismiss/i.test(message) ? 'dismissed' : 'user'}
    case 'SecurityError':
      return {kind: 'blocked', by: 'sandbox'}
    case 'NotFoundError':
      return {kind: 'missing'}
    case 'OverconstrainedError':
      return {kind: 'constrained'}
    case 'TypeError':
    case 'NotSupportedError':
      return {kind: 'blocked', by: 'browser'}
    default:
      return {kind: 'busy', by: 'system'} // NotReadableError, AbortError, and what no standard names
  }
}
