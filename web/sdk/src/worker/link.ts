// One socket of a call, from its making to its end, and whether it is dead though nobody says so.

import type {LineEvent} from '../core/signals.ts'
import {fresh, heard, isDead, looked} from './stall.ts'
import type {Socket, World} from './world.ts'

/** How often a link is looked at that carries no microphone. */
const LOOK_EACH_MS = 1_000
const ABNORMAL = 1006

export class Link {
  readonly #socket: Socket
  #watch
  #forgetLook = () => {}

  /**
   * @param number what the line calls this socket.
   * @param tell called with what comes of it, until it is dropped or has closed; after that with nothing.
   * @throws for an address or a protocol that is none, or that a policy forbids.
   */
  constructor(
    readonly number: number,
    url: string,
    protocols: readonly string[],
    private readonly world: World,
    private readonly tell: (event: LineEvent) => void,
  ) {
    const socket = world.socket(url, protocols)
    this.#socket = socket
    this.#watch = fresh(world.now())
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      this.#watch = fresh(world.now())
      this.#lookOn()
      tell({kind: 'opened', socket: number})
    }
    socket.onclose = ({code}) => this.#end(code)
    socket.onmessage = ({data}) => {
      this.#watch = heard(this.#watch, world.now())
      if (typeof data === 'string') tell({kind: 'text', socket: number, text: data})
      else if (data instanceof ArrayBuffer) tell({kind: 'binary', socket: number, data})
    }
  }

  send(data: string | ArrayBuffer): void {
    this.#socket.send(data)
  }

  /** Bytes that are unsent. A link that is found dead here tells that it has closed. */
  look(): number {
    const now = this.world.now()
    this.#watch = looked(this.#watch, this.#socket.bufferedAmount, now)
    if (!isDead(this.#watch, now)) return this.#watch.unsent
    this.#end(ABNORMAL)
    return 0
  }

  /** Let go of the socket; what still comes of it is not told. */
  drop(): void {
    this.#forgetLook()
    const socket = this.#socket
    socket.onopen = socket.onclose = socket.onmessage = null
    socket.close()
  }

  #end(code: number): void {
    this.drop()
    this.tell({kind: 'closed', socket: this.number, code})
  }

  #lookOn(): void {
    this.#forgetLook = this.world.after(LOOK_EACH_MS, () => {
      this.#lookOn()
      this.look()
    })
  }
}
