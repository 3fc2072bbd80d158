// When to try again, and when not to. Pure: moments are seconds, chance is handed in.

import {
  CLOSE_BUSY,
  CLOSE_ELSEWHERE,
  CLOSE_FAILED,
  CLOSE_MOVED,
  CLOSE_NO_HELLO,
  CLOSE_NORMAL,
  CLOSE_NOT_AUTHORISED,
  CLOSE_PROTOCOL,
  CLOSE_REPLACED,
  CLOSE_SLOW_PEER,
  CLOSE_TOO_BIG,
} from './protocol.ts'
import type {Loss} from './signals.ts'

/** The gateway keeps a lost call this long unless its welcome says otherwise; who comes later finds it gone. */
export const PATIENCE_S = 120
/** A socket that does not open in this time is given up: TLS over the worst mobile link takes 2 to 4 s. */
export const OPEN_WITHIN_S = 10
/** The gateway answers a hello at once; in this time at the latest, or the server is not well. */
export const WELCOME_WITHIN_S = 10
/** Who hangs up while the line is down tries for so long to say it; the page may be gone any moment. Not tuned. */
export const LEAVE_WITHIN_S = 3
/** A talk that moves to another server goes on unsaid for so long: most are there within half a second. Not tuned. */
export const QUIET_MOVE_S = 2
/** A page that was reloaded is kept out by its own old socket for a moment at most. Not tuned. */
export const ELSEWHERE_AFTER_S = 3
/** A line that was live for this long was good: the next loss begins counting anew. Not tuned. */
export const HEALTHY_AFTER_S = 5

// The first attempt is made at once: most losses are a changed network, and the new one is there already. Then half a
// second, doubled each time: a server that restarts takes 2 to 10 s, and many pages must not meet it at the same moment.
const FIRST_WAIT_S = 0.5
const LONGEST_WAIT_S = 8
/**
 * Where counting begins when the browser says that it is offline: two seconds, then ever rarer. Some machines say so
 * while a VPN or their own server can be reached, and never say `online`.
 */
export const OFFLINE_ATTEMPT = 3
const GOLDEN = 0.618034 // multiples of it fall evenly into 0..1, whatever number they begin at

/**
 * Seconds to wait before an attempt.
 *
 * @param attempt 1 for the first since the loss.
 * @param chance 0..1, of this page.
 */
export function waitBefore(attempt: number, chance: number): number {
  if (attempt <= 1) return 0
  const wait = Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 2))
  return wait * (0.5 + ((chance + attempt * GOLDEN) % 1))
}

/**
 * What the end of a socket means: try again, or a final outcome.
 *
 * @param begun the call has been on; lost, it can be come back to.
 */
export function outcomeOf(code: number, begun: boolean): 'again' | 'moved' | 'ended' | 'replaced' | Loss {
  switch (code) {
    case CLOSE_NORMAL:
      return 'ended' // its last message got lost
    case CLOSE_NOT_AUTHORISED:
      return begun ? 'call_gone' : 'ticket_expired'
    case CLOSE_REPLACED:
      return 'replaced'
    case CLOSE_MOVED:
      return 'moved'
    case CLOSE_ELSEWHERE:
      return 'elsewhere'
    case CLOSE_PROTOCOL:
    case CLOSE_TOO_BIG:
      return 'protocol'
    case CLOSE_NO_HELLO:
      return begun ? 'again' : 'no_hello' // the call still waits
    case CLOSE_BUSY:
      return begun ? 'again' : 'busy' // a call that is on has its place; its ticket stays good
    case CLOSE_SLOW_PEER:
      return 'slow_peer'
    case CLOSE_FAILED:
      return 'failed'
    default:
      return 'again'
  }
}
