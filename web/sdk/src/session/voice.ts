// The sound of a call: one microphone, one audio context, the processors in it. Made in a gesture, built anew where a
// device or the context demands it, released as a whole. What cannot be helped ends in `failed`; the call goes on by text.

import {type Bands, SILENT} from '../audio/bands.ts'
import type {buildChain} from './chain.ts'
import {browserClock} from './clock.ts'
import {Sound, type SoundState} from './context.ts'
import {Holdings, LeftError} from './holdings.ts'
import type {Loaded} from './loading.ts'
import {type Device, inputDevices, Microphone, type MicrophoneState} from './microphone.ts'
import type {CallOptions, Loudness} from './options.ts'
import {Output} from './output.ts'
import {detectPlatform} from './platform.ts'

export type VoiceOptions = Pick<CallOptions, 'microphone' | 'preset' | 'filter' | 'gate' | 'suppressor'>

/** What voice tells the call. */
export interface VoiceNews {
  microphone(state: MicrophoneState): void
  sound(state: SoundState): void
  /** The worker's halves of the channels to both processors; told anew after each rebuild. */
  ports(capture: MessagePort, playback: MessagePort): void
  /** The call goes on without something that was asked for. */
  without(what: string): void
  /** No more sound by this voice: `microphone` and `sound` have said why, or `what` does. */
  failed(what: string): void
}

type SoundPart = Pick<Sound, 'context' | 'state' | 'open' | 'unlock' | 'close'>
type MicrophonePart = Pick<Microphone, 'state' | 'open' | 'use' | 'close'>
type OutputPart = Pick<Output, 'input' | 'start' | 'unlock' | 'close'>

/** What voice needs of the browser and of the rest of the session; tests hand in their own. */
export interface VoiceHost {
  sound(changed: (state: SoundState) => void, rebuilt: (context: AudioContext) => void): SoundPart
  microphone(changed: (state: MicrophoneState) => void): MicrophonePart
  devices(): Promise<readonly Device[]>
  output(context: AudioContext, routed: (plays: boolean) => void): OutputPart
  chain: typeof buildChain
  /** @throws LoadError */
  worklets(context: AudioContext): Promise<Loaded>
  node(context: AudioContext, name: string, options: AudioWorkletNodeOptions): AudioWorkletNode
  source(context: AudioContext, stream: MediaStream): AudioNode
  after(ms: number, ring: () => void): void
  /** What has to be there before a reply sounds, if more than the preset says. */
  readonly startMs: number
}

export const browserVoiceHost: Omit<VoiceHost, 'worklets' | 'chain'> = {
  sound: (changed, rebuilt) => new Sound(changed, rebuilt),
  microphone: (changed) => new Microphone(changed),
  devices: () => inputDevices(navigator.mediaDevices),
  output: (context, routed) => new Output(context, routed),
  node: (context, name, options) => new AudioWorkletNode(context, name, options),
  source: (context, stream) => context.createMediaStreamSource(stream),
  after: browserClock.after,
  get startMs() {
    return detectPlatform(navigator).ios ? IOS_START_MS : 0
  },
}

/** Old devices play stale buffers when they run dry. */
const IOS_START_MS = 60
/** One channel, mixed down: two microphones of a laptop would else be sent as the left one alone. */
const MONO = {channelCount: 1, channelCountMode: 'explicit'} as const
/** A mouth that moves so much earlier than it is heard is noticed by few; loudspeakers and cables have less. */
const NOTICED_S = 0.05
/** A processor that broke gets so many new ones; what breaks again is no accident. */
const REBUILDS = 2

export const NO_SOUND: Loudness = {microphone: 0, agent: 0, bands: SILENT}
/** The page reads the same object whenever it draws. */
type Writable<T> = {-readonly [key in keyof T]: T[key]}

export class Voice {
  readonly #options: VoiceOptions
  readonly #news: VoiceNews
  readonly #host: VoiceHost
  readonly #holdings = new Holdings()
  readonly #sound: SoundPart
  readonly #microphone: MicrophonePart
  /** What stands in one context, and in it the processors; released when others take their place. */
  #room = new Holdings()
  #processors = new Holdings()
  #output: OutputPart | null = null
  /** Where the microphone goes: the capture processor and the meter. Empty while they are not there. */
  #ears: readonly AudioWorkletNode[] = []
  /** The capture and the playback processor, while they are there. */
  #ends: readonly [AudioWorkletNode, AudioWorkletNode] | null = null
  #connected: {readonly stream: MediaStream; readonly holdings: Holdings} | null = null
  #opened = false
  #plays = true
  #rebuilds = 0
  #loaded: Loaded | null = null
  readonly levels: Writable<Loudness> = {...NO_SOUND}

  constructor(options: VoiceOptions, news: VoiceNews, host: VoiceHost) {
    this.#options = options
    this.#news = news
    this.#host = host
    this.#sound = host.sound(
      (state) => this.#soundChanged(state),
      (context) => void this.#furnish(context).catch(() => {}),
    )
    this.#microphone = host.microphone((state) => this.#microphoneChanged(state))
    this.#holdings.add(() => void this.#sound.close())
    this.#holdings.add(() => this.#microphone.close())
    this.#holdings.add(() => this.#room.release())
  }

  /** How the worklets were loaded; null while they are not. */
  get loaded(): Loaded | null {
    return this.#loaded
  }

  /** Whether the browser takes the agent's voice out of the microphone. */
  get cancelled(): boolean {
    const state = this.#microphone.state
    return state.kind === 'live' && state.cancelled
  }

  /**
   * Open context and microphone, and connect all. In the gesture: whatever needs it is begun before the first await.
   * Resolves with whether there is voice now; rejects with LeftError only, when it was closed meanwhile.
   */
  async open(): Promise<boolean> {
    const context = this.#sound.open()
    if (context === null) return this.#fail('no audio context')
    const built = this.#furnish(context)
    built.catch(() => {}) // it is awaited below, unless the microphone fails first
    const microphone = await this.#holdings.take(this.#microphone.open(this.#options.microphone))
    if (microphone.kind !== 'live') return this.#fail(microphone.kind)
    await this.#holdings.take(built)
    this.#opened = true
    const {kind} = this.#microphone.state // leave may have been taken back meanwhile
    return kind === 'denied' || kind === 'blocked' ? this.#fail(kind) : true
  }

  close(): void {
    if (this.#holdings.over) return
    // given back; what was wrong is to be seen still
    const {kind} = this.#microphone.state
    if (kind === 'live' || kind === 'asking') this.#news.microphone({kind: 'off'})
    if (this.#sound.state.kind !== 'failed') this.#news.sound({kind: 'off'})
    this.#holdings.release()
    Object.assign(this.levels, NO_SOUND)
  }

  /** Nothing is heard any more by the other side; what is still in the loudspeaker is heard here. */
  closeMicrophone(): void {
    this.#microphone.close()
  }

  /** New channels to the processors, for another worker. */
  offerPorts(): void {
    if (this.#ends !== null) this.#news.ports(channelTo(this.#ends[0]), channelTo(this.#ends[1]))
  }

  async use(deviceId: string): Promise<void> {
    await this.#microphone.use(deviceId)
  }

  async unlock(): Promise<void> {
    await Promise.all([this.#output?.unlock(), this.#sound.unlock()])
  }

  // ------------------------------------------------------------------------------------------------------- the room

  /** A context is there, the first one or one that takes another's place. Rejects with LeftError only. */
  async #furnish(context: AudioContext): Promise<void> {
    this.#room.release()
    const room = new Holdings()
    this.#room = room
    const output = this.#host.output(context, (plays) => room.over || this.#routed(plays))
    this.#output = output
    room.add(() => output.close())
    room.add(() => this.#processors.release())
    output.start()
    try {
      this.#loaded = await room.take(this.#host.worklets(context))
      this.#process(context, output)
    } catch (error) {
      if (error instanceof LeftError) throw error
      this.#fail(error instanceof Error ? error.message : 'no processors')
    }
  }

  #process(context: AudioContext, output: OutputPart): void {
    this.#processors.release()
    const processors = new Holdings()
    this.#processors = processors
    const {preset, gate} = this.#options
    const node = (name: string, options: AudioWorkletNodeOptions) => {
      const made = this.#host.node(context, name, options)
      made.onprocessorerror = () => this.#broke(context, output)
      processors.add(() => {
        made.onprocessorerror = made.port.onmessage = null
        made.disconnect()
      })
      return made
    }
    const meter = (bands: boolean, show: (data: unknown) => void) => {
      const made = node('viva-meter', {...MONO, numberOfOutputs: 0, processorOptions: {bands}})
      made.port.onmessage = ({data}: MessageEvent<unknown>) => show(data)
      return made
    }
    const capture = node('viva-capture', {...MONO, numberOfOutputs: 0, processorOptions: {gate}})
    processors.add(() => capture.port.postMessage({kind: 'stop'}))
    const playback = node('viva-playback', {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: {preset, startMs: this.#host.startMs},
    })
    processors.add(() => playback.port.postMessage({kind: 'stop'}))
    playback.connect(output.input)
    playback.connect(meter(true, (data) => this.#sounds(data, context.outputLatency)))
    const microphone = meter(false, (data) => {
      if (typeof data === 'number') this.levels.microphone = data
    })
    this.#ears = [capture, microphone]
    processors.add(() => this.#unplug())
    processors.add(() => {
      this.#ears = []
      this.#ends = null
    })
    this.#ends = [capture, playback]
    this.offerPorts()
    this.#plugIn(this.#microphone.state)
  }

  /** What a meter found is shown when it is heard: headphones without a cable are late. */
  #sounds(data: unknown, latencyS: number | undefined): void {
    if (!Array.isArray(data)) return
    const [agent, ...bands] = data as [number, ...Bands]
    const show = () => {
      if (!this.#holdings.over) Object.assign(this.levels, {agent, bands})
    }
    if (latencyS && latencyS > NOTICED_S) this.#host.after(latencyS * 1000, show)
    else show()
  }

  #broke(context: AudioContext, output: OutputPart): void {
    this.#rebuilds += 1
    if (this.#rebuilds > REBUILDS) this.#fail('a processor broke')
    else this.#process(context, output)
  }

  // ------------------------------------------------------------------------------------------------- what may change

  /** Whether the way out of the context is open. */
  #routed(plays: boolean): void {
    if (plays === this.#plays) return
    this.#plays = plays
    this.#soundChanged(this.#sound.state)
  }

  #soundChanged(state: SoundState): void {
    if (this.#holdings.over) return
    this.#news.sound(state.kind === 'ok' && !this.#plays ? {kind: 'suspended'} : state)
    if (state.kind === 'failed') this.#fail('no sound')
  }

  #microphoneChanged(state: MicrophoneState): void {
    if (this.#holdings.over) return // why it failed is to be seen, not that it was closed then
    this.#news.microphone(state)
    this.#plugIn(state)
    // leave was taken back; whatever else ends a microphone may pass, and it is waited for
    if (this.#opened && (state.kind === 'denied' || state.kind === 'blocked')) this.#fail(state.kind)
  }

  /** The stream of the microphone into the processors, in place of the one before. */
  #plugIn(state: MicrophoneState): void {
    const stream = state.kind === 'live' ? state.stream : null
    if (stream === (this.#connected?.stream ?? null)) return
    this.#unplug()
    const context = this.#sound.context
    if (stream === null || context === null || this.#ears.length === 0) return
    const holdings = new Holdings()
    this.#connected = {stream, holdings}
    void this.#connect(context, stream, holdings)
  }

  #unplug(): void {
    this.#connected?.holdings.release()
    this.#connected = null
  }

  async #connect(context: AudioContext, stream: MediaStream, holdings: Holdings): Promise<void> {
    try {
      const source = this.#host.source(context, stream)
      holdings.add(() => source.disconnect())
      const chain = await holdings.take(this.#host.chain(context, source, this.#options), (made) => made.close())
      if (chain.notice !== null) this.#news.without(chain.notice)
      this.#ears[0]?.port.postMessage({kind: 'renew'})
      for (const ear of this.#ears) chain.output.connect(ear)
    } catch (error) {
      if (!(error instanceof LeftError)) this.#fail('the microphone does not fit the context')
    }
  }

  #fail(what: string): false {
    if (this.#holdings.over) return false
    this.close()
    this.#news.failed(what)
    return false
  }
}

/** A channel to a processor; the worker's half of it. */
function channelTo(node: AudioWorkletNode): MessagePort {
  const {port1, port2} = new MessageChannel()
  node.port.postMessage({kind: 'connect'}, [port1])
  return port2
}
