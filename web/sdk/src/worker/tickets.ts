// Asks a server for a fresh ticket in exchange for one that is about to expire.

import type {LineEvent} from '../core/signals.ts'
import type {World} from './world.ts'

/** A ticket that takes longer comes too late for the attempt that wants it. Not tuned. */
const TICKET_WITHIN_MS = 10_000
/** A site that is not listed any more, a ticket that is used or unknown: no later attempt fares better. */
const FINAL: readonly number[] = [401, 403, 404]

/** Never rejects. @param server an origin. */
export async function exchange(
  server: string,
  ticket: string,
  world: World,
): Promise<LineEvent & {kind: 'ticket' | 'no_ticket'}> {
  const abort = new AbortController()
  const forget = world.after(TICKET_WITHIN_MS, () => abort.abort())
  try {
    const answer = await world.ask(`${server}/api/v1/tickets`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({ticket}),
      signal: abort.signal,
    })
    if (!answer.ok) return {kind: 'no_ticket', final: FINAL.includes(answer.status)}
    const {ticket: fresh, expires_in_s: expiresInS} = (await answer.json()) as {readonly [field: string]: unknown}
    if (typeof fresh === 'string')
      return {kind: 'ticket', ticket: fresh, expiresInS: typeof expiresInS === 'number' ? expiresInS : null}
  } catch {
    // no answer, or one that cannot be read
  } finally {
    forget()
  }
  return {kind: 'no_ticket', final: false}
}
