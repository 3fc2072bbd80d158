// The page of the capture tests: microphone, context and processors as the session puts them together, and a worker that
// takes what the capture processor sends, so that a stalled page does not blur what is measured.

import type {FilterPreset} from '../../../src/audio/filters.ts'
import type {GatePreset} from '../../../src/audio/noisegate.ts'
import type {CaptureToWorker, WorkerToCapture} from '../../../src/ports.ts'
import type {Chain} from '../../../src/session/chain.ts'
import {browserClock} from '../../../src/session/clock.ts'
import {Sound} from '../../../src/session/context.ts'
import {withExtras} from '../../../src/session/extras.ts'
import {browserLoading} from '../../../src/session/loading.ts'
import {browserHost, Microphone, type MicrophoneState} from '../../../src/session/microphone.ts'
import {Output} from '../../../src/session/output.ts'
import {browserVoiceHost} from '../../../src/session/voice.ts'

/** What the worker keeps of a frame; `came` in ms of wall time. */
export interface Came {
  readonly position: number
  readonly level: number
  readonly came: number
}

export interface Collected {
  readonly frames: readonly Came[]
  readonly others: readonly Exclude<CaptureToWorker, {kind: 'frame'}>[]
}

export interface LabOptions {
  /** Have the browser process nothing, so that what arrives is what went in. */
  readonly plain?: boolean
  readonly filter?: FilterPreset
  readonly gate?: GatePreset
}

const COLLECTOR = `
let frames = [], others = [], pcm = []
let port
onmessage = ({data}) => {
  if (data.port) {
    port = data.port
    port.onmessage = ({data}) => {
      if (data.kind !== 'frame') { others.push(data); return }
      frames.push({position: data.position, level: data.level, came: performance.timeOrigin + performance.now()})
      pcm.push(new Int16Array(data.pcm))
    }
  }
  if (data.tell) port.postMessage(data.tell)
  if (data.ask === 'collected') postMessage({frames, others})
  if (data.ask === 'pcm') postMessage(pcm)
}`

class Lab {
  readonly states: MicrophoneState['kind'][] = []
  readonly levels: number[] = []
  microphone = new Microphone((state) => this.#changed(state))
  context: AudioContext | null = null
  stream: MediaStream | null = null
  readonly streams: MediaStream[] = []
  #sound = new Sound(
    () => {},
    () => {},
  )
  #output: Output | null = null
  #worker: Worker | null = null
  #ears: AudioWorkletNode[] = []
  #source: MediaStreamAudioSourceNode | null = null
  #chain: Chain | null = null
  #options: LabOptions = {}
  readonly #host = withExtras(browserVoiceHost, '/', browserClock, browserLoading)

  /** Resolves with the microphone's state, and when it is live with sound on its way to the worker. */
  async start(options: LabOptions = {}): Promise<MicrophoneState['kind']> {
    this.#options = options
    if (options.plain) this.microphone = new Microphone((state) => this.#changed(state), plainHost())
    const context = this.#sound.open()
    if (context === null) throw new Error('want an AudioContext')
    this.context = context
    this.#output = new Output(context, () => {})
    this.#output.start()
    const asked = this.microphone.open()
    await this.#host.worklets(context)
    const capture = this.#host.node(context, 'viva-capture', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
      processorOptions: {gate: options.gate},
    })
    const meter = this.#host.node(context, 'viva-meter', {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    })
    meter.port.onmessage = ({data}) => this.levels.push(data)
    const {port1, port2} = new MessageChannel()
    capture.port.postMessage({kind: 'connect'}, [port1])
    this.#worker = new Worker(URL.createObjectURL(new Blob([COLLECTOR], {type: 'text/javascript'})))
    this.#worker.postMessage({port: port2}, [port2])
    this.#ears = [capture, meter]
    const state = await asked
    await this.#plugIn(state)
    return state.kind
  }

  tell(message: WorkerToCapture): void {
    this.#worker?.postMessage({tell: message})
  }

  collected(): Promise<Collected> {
    return this.#ask('collected')
  }

  async pcm(): Promise<number[]> {
    return ((await this.#ask('pcm')) as Int16Array[]).flatMap((it) => [...it])
  }

  /** The page stands still. */
  stall(ms: number): void {
    const end = performance.now() + ms
    while (performance.now() < end);
  }

  async stop(): Promise<void> {
    this.#ears[0]?.port.postMessage({kind: 'stop'})
    this.microphone.close()
    this.#chain?.close()
    this.#source?.disconnect()
    for (const ear of this.#ears) ear.disconnect()
    this.#output?.close()
    await this.#sound.close()
    this.#worker?.terminate()
  }

  #ask<T>(what: string): Promise<T> {
    const worker = this.#worker
    if (worker === null) return Promise.reject(new Error('want a started lab'))
    return new Promise((resolve) => {
      worker.onmessage = ({data}) => resolve(data)
      worker.postMessage({ask: what})
    })
  }

  #changed(state: MicrophoneState): void {
    this.states.push(state.kind)
    void this.#plugIn(state)
  }

  async #plugIn(state: MicrophoneState): Promise<void> {
    const {context} = this
    if (state.kind !== 'live' || context === null || this.#ears.length === 0 || state.stream === this.stream) return
    this.stream = state.stream
    this.streams.push(state.stream)
    this.#source?.disconnect()
    this.#source = context.createMediaStreamSource(state.stream)
    const {filter} = this.#options
    this.#chain = await this.#host.chain(context, this.#source, filter ? {filter} : {})
    for (const ear of this.#ears) this.#chain.output.connect(ear)
  }
}

function plainHost(): ReturnType<typeof browserHost> {
  const host = browserHost()
  const {mediaDevices} = host
  if (!mediaDevices) return host
  const plain = Object.create(mediaDevices, {
    getUserMedia: {
      value: ({audio}: {audio: MediaTrackConstraints}) =>
        mediaDevices.getUserMedia({
          audio: {...audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false},
        }),
    },
    enumerateDevices: {value: () => mediaDevices.enumerateDevices()},
    addEventListener: {value: mediaDevices.addEventListener.bind(mediaDevices)},
    removeEventListener: {value: mediaDevices.removeEventListener.bind(mediaDevices)},
  })
  return {...host, mediaDevices: plain}
}

export type {Lab}

Object.assign(globalThis, {makeLab: () => new Lab()})
