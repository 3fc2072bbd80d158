// What a page keeps so that a reload can go on with the call: in sessionStorage, which ends with the tab. A browser may
// refuse storage at any moment (policy, private window, full, sandboxed frame); then a reload begins another call.

import type {Keepsake} from '../core/signals.ts'
import {field} from './narrow.ts'

/** As long as servers wait for a caller to come back, unless they were told otherwise. */
const RETURN_WITHIN_MS = 120_000
/** A page that is killed without a word has stored what was heard up to then. */
const STORE_EACH_MS = 1_000

/** Asks for the storage: the property itself may throw. */
export type Storing = () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** By storage: whose call is on in this page. Another call of the page neither comes back to it nor writes over it. */
const users = new WeakMap<Storing, Map<string, Shelf>>()

/** The keepsake of one page's calls with one agent of one server, or of the one call of a ticket. */
export class Shelf {
  readonly #key: string
  readonly #storage: Storing
  readonly #nowMs: () => number
  #keepsake: Keepsake | null = null
  #storedAt = 0

  constructor(
    server: string,
    {agent = '', ticket = ''}: {readonly agent?: string; readonly ticket?: string},
    storage: Storing,
    nowMs: () => number,
  ) {
    this.#storage = storage
    this.#nowMs = nowMs
    this.#key = `vivavoce ${server} ${agent}${ticket && ` ${mark(ticket)}`}`
  }

  /** From now on, until it is given back, this call is on; the first one of a page keeps what there is to keep. */
  use(): () => void {
    const used = users.get(this.#storage) ?? new Map<string, Shelf>()
    users.set(this.#storage, used)
    if (!used.has(this.#key)) used.set(this.#key, this)
    return () => {
      if (used.get(this.#key) === this) used.delete(this.#key)
    }
  }

  get #isFree(): boolean {
    return (users.get(this.#storage)?.get(this.#key) ?? this) === this
  }

  /** What there is to come back to; null when the server does not wait for anybody. */
  get keepsake(): Keepsake | null {
    return this.#keepsake
  }

  keep(keepsake: Keepsake | null): void {
    this.#keepsake = keepsake?.resume ? keepsake : null
    this.store()
  }

  /** So much of the newest reply was heard. */
  heard(reply: number, samples: number): void {
    if (this.#keepsake === null) return
    this.#keepsake = {...this.#keepsake, reply, samples}
    if (this.#nowMs() - this.#storedAt >= STORE_EACH_MS) this.store()
  }

  /** Stored anew, it holds anew for as long as a server waits. */
  store(): void {
    if (!this.#isFree) return
    this.#storedAt = this.#nowMs()
    const text = this.#keepsake && JSON.stringify({...this.#keepsake, until: this.#nowMs() + RETURN_WITHIN_MS})
    this.#use((storage) => (text === null ? storage.removeItem(this.#key) : storage.setItem(this.#key, text)))
  }

  /** What was kept by the page before this one, if a server may still wait for it. */
  recall(): Keepsake | null {
    if (!this.#isFree) return null
    return this.#use((storage) => {
      const kept: unknown = JSON.parse(storage.getItem(this.#key) ?? 'null')
      return isKeepsake(kept) && this.#nowMs() < Number(field(kept, 'until')) ? kept : null
    })
  }

  #use<T>(work: (storage: ReturnType<Storing>) => T): T | null {
    try {
      return work(this.#storage())
    } catch {
      return null
    }
  }
}

/** Tells tickets apart without naming them (FNV-1a). */
function mark(ticket: string): string {
  let hash = 0x811c9dc5
  for (const char of ticket) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return (hash >>> 0).toString(36)
}

function isKeepsake(value: unknown): value is Keepsake {
  return (
    field(value, 'resume') !== '' &&
    ['call', 'resume'].every((name) => typeof field(value, name) === 'string') &&
    ['reply', 'samples'].every((name) => Number.isSafeInteger(field(value, name)))
  )
}
