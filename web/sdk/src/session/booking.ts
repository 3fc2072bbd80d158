// Books a call for a page: its own server's, or one whose agent file lists the page's site.

import type {PageTrouble, Ticket} from '../core/signals.ts'
import type {Clock} from './clock.ts'
import {field} from './narrow.ts'
import {post} from './posting.ts'

export type Booked = {readonly kind: 'booked'} & Ticket

/** `refused`: the agent's file does not list this page's site, or a key is wanted. */
export type NotBooked = {
  readonly kind: 'not_booked'
  readonly trouble: Extract<PageTrouble, 'refused' | 'not_found' | 'busy' | 'unreachable'>
}

/**
 * Never rejects.
 *
 * @param server an origin.
 * @param whom the agent, and the pass of the server's own frame where the page stands in one.
 */
export async function book(
  server: string,
  whom: {readonly agent: string; readonly pass?: string},
  clock: Clock,
  ask: typeof fetch,
): Promise<Booked | NotBooked> {
  const read = async (answer: Response) => (answer.ok ? booked(await answer.json(), server) : notBooked(answer.status))
  return (await post(`${server}/api/v1/calls`, whom, read, clock, ask)) ?? notBooked()
}

/** Address of the socket that a server's tickets open. */
export function socketOf(server: string): string {
  return `${server.replace(/^http/, 'ws')}/api/v1/talk`
}

/** A ticket travels as a subprotocol, which is a token of HTTP: with anything else no socket could be made. */
export function isTicket(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.~-]{1,200}$/.test(value)
}

function booked(body: unknown, server: string): Booked | NotBooked {
  const ticket = field(body, 'ticket')
  const expiresInS = field(body, 'expires_in_s')
  if (!isTicket(ticket)) return notBooked()
  return {kind: 'booked', ticket, url: socketOf(server), expiresInS: typeof expiresInS === 'number' ? expiresInS : null}
}

const TROUBLES: Readonly<Record<number, NotBooked['trouble']>> = {
  401: 'refused',
  403: 'refused',
  404: 'not_found',
  429: 'busy',
  503: 'busy',
}

/** A server that cannot say what it wants is as good as none. */
function notBooked(status?: number): NotBooked {
  return {kind: 'not_booked', trouble: TROUBLES[status ?? 0] ?? 'unreachable'}
}
