import type {PageToWorker} from '../../src/ports.ts'
import type {PagePort, Socket, SoundPort, World} from '../../src/worker/world.ts'
import {HandClock} from '../session/time.ts'

export class FakeSocket implements Socket {
  binaryType = 'blob'
  bufferedAmount = 0
  onopen: (() => void) | null = null
  onclose: ((event: {readonly code: number}) => void) | null = null
  onmessage: ((event: {readonly data: unknown}) => void) | null = null
  readonly sent: (string | ArrayBuffer)[] = []
  closed = false
  /** What `send` throws. */
  failing: Error | null = null

  constructor(
    readonly url: string,
    readonly protocols: readonly string[],
  ) {}

  send(data: string | ArrayBuffer): void {
    if (this.failing !== null) throw this.failing
    this.sent.push(data)
  }

  close(): void {
    this.closed = true
  }

  says(message: unknown): void {
    this.onmessage?.({
      data: typeof message === 'object' && !(message instanceof ArrayBuffer) ? JSON.stringify(message) : message,
    })
  }

  /** JSON messages sent, as objects. */
  get told(): {readonly kind: string}[] {
    return this.sent.filter((data) => typeof data === 'string').map((data) => JSON.parse(data))
  }
}

export class FakePort implements SoundPort<object, never> {
  onmessage: ((event: {readonly data: never}) => void) | null = null
  readonly posted: {readonly kind: string; readonly [field: string]: unknown}[] = []
  closed = false

  postMessage(message: FakePort['posted'][number]): void {
    this.posted.push(message)
  }

  close(): void {
    this.closed = true
  }

  says(data: object): void {
    this.onmessage?.({data: data as never})
  }
}

export class FakePage implements PagePort {
  onmessage: PagePort['onmessage'] = null
  readonly heard: {readonly kind: string; readonly [field: string]: unknown}[] = []

  postMessage(message: FakePage['heard'][number]): void {
    this.heard.push(message)
  }

  says(data: PageToWorker, ports: readonly FakePort[] = []): void {
    this.onmessage?.({data, ports})
  }

  of(kind: string) {
    return this.heard.filter((message) => message.kind === kind)
  }

  /** The newest phase of the line. */
  get phase(): unknown {
    return this.of('line').at(-1)?.['phase']
  }
}

export class FakeWorld implements World {
  readonly clock = new HandClock()
  readonly sockets: FakeSocket[] = []
  readonly asked: {readonly url: string; readonly request: RequestInit}[] = []
  /** What is answered to `ask`; an error is thrown. */
  answer: () => Response | Promise<Response> = () => Response.error()
  /** What making a socket throws. */
  refusing: Error | null = null

  now = () => this.clock.now()
  after = (ms: number, ring: () => void) => this.clock.after(ms, ring)

  socket(url: string, protocols: readonly string[]): Socket {
    if (this.refusing !== null) throw this.refusing
    const socket = new FakeSocket(url, protocols)
    this.sockets.push(socket)
    return socket
  }

  async ask(url: string, request: RequestInit): Promise<Response> {
    this.asked.push({url, request})
    return this.answer()
  }

  get newest(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('want a socket, got none')
    return socket
  }
}
