// A proxy between browser and server that can be cut like a cable, and that reads along what goes over the call's socket.

import {createServer, connect as dial, type Server, type Socket} from 'node:net'

/** One message of a WebSocket; `at` is `performance.now()` when its last byte came by. */
export type Message = {readonly at: number} & ({readonly text: string} | {readonly data: Buffer})

/** What went over one WebSocket. */
export type Traffic = {readonly sent: Message[]; readonly got: Message[]}

/** Follows one direction of a connection: an HTTP head, then the frames of RFC 6455. Anything else is passed unread. */
class Reader {
  #rest = Buffer.alloc(0)
  #inFrames = false
  #parts: Buffer[] = []
  #opcode = 0

  constructor(
    private readonly upgraded: () => void,
    private readonly heard: (message: Message) => void,
  ) {}

  read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    if (!this.#inFrames) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = this.#rest.subarray(0, end).toString('latin1').toLowerCase()
      this.#rest = this.#rest.subarray(end + 4)
      this.#inFrames = /^upgrade: websocket\r?$/m.test(head)
      if (this.#inFrames) this.upgraded()
      else this.#rest = Buffer.alloc(0)
    }
    while (this.#inFrames && this.#frame());
  }

  #frame(): boolean {
    const bytes = this.#rest
    if (bytes.length < 2) return false
    const [first = 0, second = 0] = bytes
    let length = second & 0x7f
    let from = 2
    if (length === 126) {
      if (bytes.length < 4) return false
      length = bytes.readUInt16BE(2)
      from = 4
    } else if (length === 127) {
      if (bytes.length < 10) return false
      length = Number(bytes.readBigUInt64BE(2))
      from = 10
    }
    const masked = (second & 0x80) !== 0
    const start = from + (masked ? 4 : 0)
    if (bytes.length < start + length) return false
    const payload = Buffer.from(bytes.subarray(start, start + length))
    if (masked) for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ (bytes[from + (at & 3)] ?? 0)
    this.#rest = bytes.subarray(start + length)
    this.#take(first & 0x0f, (first & 0x80) !== 0, payload)
    return true
  }

  #take(opcode: number, final: boolean, payload: Buffer): void {
    if (opcode > 2) return // close, ping, pong
    if (opcode !== 0) {
      this.#opcode = opcode
      this.#parts = []
    }
    this.#parts.push(payload)
    if (!final) return
    const whole = Buffer.concat(this.#parts)
    const at = performance.now()
    this.heard(this.#opcode === 1 ? {at, text: whole.toString()} : {at, data: whole})
  }
}

export class CuttingProxy {
  /** One for each WebSocket that a browser asked for, in order. */
  readonly sockets: Traffic[] = []
  /** Where the server listens now. */
  target: number
  #open = true
  #swallows = false
  readonly #pairs = new Set<Socket>()
  readonly #server: Server

  private constructor(target: number) {
    this.target = target
    this.#server = createServer((browser) => this.#join(browser))
  }

  static async open(target: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target)
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done))
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('want a proxy that listens')
    return address.port
  }

  /** Both ends see a reset; who dials again meets the same. */
  cut(): void {
    this.#open = false
    for (const socket of this.#pairs) socket.resetAndDestroy()
  }

  /** What browsers send is taken and goes nowhere: it is lost with the line that is cut next, and nobody knows yet. */
  swallow(): void {
    this.#swallows = true
  }

  mend(): void {
    this.#open = true
    this.#swallows = false
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((done) => this.#server.close(done))
  }

  #join(browser: Socket): void {
    if (!this.#open) {
      browser.resetAndDestroy()
      return
    }
    const server = dial(this.target, '127.0.0.1')
    const traffic: Traffic = {sent: [], got: []}
    const up = new Reader(
      () => this.sockets.push(traffic),
      (message) => traffic.sent.push(message),
    )
    const down = new Reader(
      () => {},
      (message) => traffic.got.push(message),
    )
    for (const [from, to, reader] of [
      [browser, server, up],
      [server, browser, down],
    ] as const) {
      this.#pairs.add(from)
      from.setNoDelay(true)
      from.on('data', (chunk) => {
        reader.read(chunk)
        if (from === server || !this.#swallows) to.write(chunk)
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#pairs.delete(from)
        to.destroy()
      })
    }
  }
}
