import {decodeGateway} from '../../src/core/messages.ts'
import type {SoundState} from '../../src/session/context.ts'
import type {Host} from '../../src/session/host.ts'
import type {MicrophoneState} from '../../src/session/microphone.ts'
import {HandClock} from './time.ts'

// A browser in memory: what the page took of it, and what it did with it.

export class FakeWorker {
  onmessage: ((event: MessageEvent<unknown>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  readonly posted: {
    readonly message: {readonly kind: string; readonly [field: string]: unknown}
    readonly ports: number
  }[] = []
  terminated = false

  postMessage(message: FakeWorker['posted'][number]['message'], transfer: readonly unknown[] = []): void {
    if (!this.terminated) this.posted.push({message, ports: transfer.length})
  }

  terminate(): void {
    this.terminated = true
  }

  says(data: unknown): void {
    if (!this.terminated) this.onmessage?.({data} as MessageEvent<unknown>)
  }

  /** A message of the gateway. */
  passes(message: unknown): void {
    this.says({kind: 'gateway', message: decodeGateway(JSON.stringify(message))})
  }

  line(phase: string, more: object = {}): void {
    this.says({kind: 'line', phase, attempt: 1, retryInS: 0, begun: phase === 'live', loss: null, ...more})
  }

  breaks(message: string): void {
    this.onerror?.({message, preventDefault() {}} as ErrorEvent)
  }

  /** The kinds of what it was told. */
  get told(): readonly string[] {
    return this.posted.map(({message}) => message.kind)
  }

  the(kind: string) {
    return this.posted.find(({message}) => message.kind === kind)?.message
  }
}

class FakeNode {
  onprocessorerror: ((event: Event) => void) | null = null
  readonly port = {
    onmessage: null as ((event: MessageEvent<unknown>) => void) | null,
    posted: [] as {readonly kind: string}[],
    postMessage(message: {readonly kind: string}, ports: readonly MessagePort[] = []) {
      this.posted.push(message)
      for (const port of ports) port.close()
    },
    close() {},
  }
  readonly to: unknown[] = []

  constructor(readonly name: string) {}

  connect(to: unknown): void {
    this.to.push(to)
  }

  disconnect(): void {
    this.to.length = 0
  }
}

export class FakeStorage {
  readonly items = new Map<string, string>()
  refusing = false

  getItem(key: string): string | null {
    return this.items.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value)
  }

  removeItem(key: string): void {
    this.items.delete(key)
  }
}

export const LIVE = {
  kind: 'live',
  stream: {} as MediaStream,
  device: {id: 'mic', label: 'A microphone'},
  cancelled: true,
  muted: false,
  fallback: false,
} as const satisfies MicrophoneState

export class FakeBrowser {
  readonly clock = new HandClock()
  readonly window = new EventTarget()
  readonly document = new EventTarget()
  readonly storage = new FakeStorage()
  readonly workers: FakeWorker[] = []
  readonly nodes: FakeNode[] = []
  readonly requests: string[] = []
  /** What happens when a worker is made. */
  starting: 'ready' | 'refused' | 'silent' = 'ready'
  /** What is answered to requests. */
  answer: () => Response | Promise<Response> = () =>
    Response.json({call: '0f', ticket: 'T', expires_in_s: 60}, {status: 201})
  /** What `addModule` does. */
  addModule: () => Promise<void> = async () => {}
  /** What the person says when they are asked for the microphone; nothing yet when null. */
  permission: MicrophoneState | null = LIVE
  hasWebAudio = true
  /** Seconds; some browsers do not say. */
  outputLatency: number | undefined
  /** Whether the browser lets an `<audio>` play. */
  lets = true
  /** Microphones and contexts that are open now. */
  open = {microphones: 0, contexts: 0, outputs: 0}
  watching = 0
  /** Microphones that were changed to. */
  readonly used: string[] = []

  #microphoneState: MicrophoneState = {kind: 'off'}
  #changed = (_: MicrophoneState) => {}
  #allow = (_: MicrophoneState) => {}
  #soundState: SoundState = {kind: 'ok'}
  #soundChanged = (_: SoundState) => {}
  #rebuilt = (_: AudioContext) => {}

  get newest(): FakeWorker {
    const worker = this.workers.at(-1)
    if (worker === undefined) throw new Error('want a worker, got none')
    return worker
  }

  /** The person answers the question for the microphone. */
  answers(state: MicrophoneState): void {
    this.#allow(state)
  }

  /** The microphone is another now: unplugged, taken away. */
  becomes(state: MicrophoneState): void {
    this.#microphoneState = state
    this.#changed(state)
  }

  sounds(kind: SoundState['kind']): void {
    this.#soundState = {kind}
    this.#soundChanged(this.#soundState)
  }

  rebuilds(): void {
    this.#rebuilt(this.#context())
  }

  node(name: string): FakeNode {
    const node = this.nodes.filter((each) => each.name === name).at(-1)
    if (node === undefined) throw new Error(`want a node ${name}, got none`)
    return node
  }

  #context(): AudioContext {
    const {outputLatency} = this
    const audioWorklet = {addModule: () => this.addModule()}
    return {audioWorklet, outputLatency, state: 'running'} as unknown as AudioContext
  }

  readonly host: Host = {
    clock: this.clock,
    nowMs: () => this.clock.now() * 1000,
    chance: () => 0.5,
    lang: 'de-AT',
    origin: 'https://talk.example',
    window: this.window,
    document: this.document,
    storage: () => {
      if (this.storage.refusing) throw new DOMException('sandboxed', 'SecurityError')
      return this.storage
    },
    ask: async (url, request) => {
      this.requests.push(`${String(url)} ${String(request?.body)}`)
      return this.answer()
    },
    watchPage: () => {
      this.watching += 1
      return () => {
        this.watching -= 1
      }
    },
    loading: {
      worker: () => {
        const worker = new FakeWorker()
        this.workers.push(worker)
        queueMicrotask(() => {
          if (this.starting === 'ready') worker.says({kind: 'ready'})
          if (this.starting === 'refused') worker.breaks('refused')
        })
        return worker as unknown as Worker
      },
      blobUrl: () => 'blob:here',
      revoke: () => {},
      load: async () => {
        throw new TypeError('no such file')
      },
    },
    voice: {
      startMs: 0,
      after: (ms, ring) => void this.clock.after(ms, ring),
      sound: (changed, rebuilt) => {
        this.#soundChanged = changed
        this.#rebuilt = rebuilt
        const browser = this
        let context: AudioContext | null = null
        return {
          get context() {
            return context
          },
          get state() {
            return browser.#soundState
          },
          open() {
            if (!browser.hasWebAudio) return null
            browser.open.contexts += 1
            context = browser.#context()
            return context
          },
          async unlock() {},
          async close() {
            if (context !== null) browser.open.contexts -= 1
            context = null
          },
        }
      },
      devices: async () => [{id: 'mic', label: 'A microphone'}],
      microphone: (changed) => {
        this.#changed = changed
        const browser = this
        let isOpen = false
        let life = 0
        return {
          get state() {
            return browser.#microphoneState
          },
          async open() {
            browser.becomes({kind: 'asking'})
            const answered = new Promise<MicrophoneState>((resolve) => {
              browser.#allow = resolve
            })
            if (browser.permission !== null) browser.#allow(browser.permission)
            const mine = life
            const state = await answered
            if (mine !== life) return browser.#microphoneState
            if (state.kind === 'live') {
              isOpen = true
              browser.open.microphones += 1
            }
            browser.becomes(state)
            return state
          },
          async use(id) {
            browser.used.push(id)
            return browser.#microphoneState
          },
          close() {
            life += 1
            if (isOpen) browser.open.microphones -= 1
            isOpen = false
            browser.becomes({kind: 'off'})
          },
        }
      },
      output: (_, routed) => {
        this.open.outputs += 1
        let isOpen = true
        return {
          input: {} as GainNode,
          start: () => routed(this.lets),
          unlock: async () => routed(this.lets),
          close: () => {
            if (isOpen) this.open.outputs -= 1
            isOpen = false
          },
        }
      },
      node: (_, name) => {
        const node = new FakeNode(name)
        this.nodes.push(node)
        return node as unknown as AudioWorkletNode
      },
      source: () => new FakeNode('source') as unknown as AudioNode,
    },
  }
}
