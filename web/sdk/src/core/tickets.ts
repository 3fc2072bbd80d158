// The ticket that opens the socket. One that waits for its caller is exchanged for a fresh one in time; once the call has
// been on, each welcome brings the ticket to come back with, and that is never exchanged.

import type {Ticket} from './signals.ts'

/** Exchanged when this share of its life is over: late enough to be rare, early enough for a second and third try. */
const REFRESH_AT_SHARE = 0.75
const AGAIN_AFTER_S = 5

export type TicketHeld = {
  readonly ticket: string
  readonly url: string
  /** When to ask for a fresh one; null for never. */
  readonly refreshAt: number | null
  /** A fresh one was asked for; the old one may be used up already. */
  readonly fetching: boolean
}

export function holdTicket({ticket, url, expiresInS}: Ticket, now: number): TicketHeld {
  const refreshAt = expiresInS === null ? null : now + Math.max(0, expiresInS) * REFRESH_AT_SHARE
  return {ticket, url, refreshAt, fetching: false}
}

/** It could not be exchanged this time. */
export function askAgain(held: TicketHeld, now: number): TicketHeld {
  return {...held, fetching: false, refreshAt: now + AGAIN_AFTER_S}
}

/** Whether it is to be exchanged now. */
export function isStale(held: TicketHeld, now: number): boolean {
  return !held.fetching && held.refreshAt !== null && now >= held.refreshAt
}
