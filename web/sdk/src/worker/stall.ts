// Finds a link that is dead though nobody said so. Browsers hide pings, and a half-open TCP connection takes bytes until
// its buffers are full; so two signs are watched. The gateway says something every 4 s, a `pulse` if there is nothing
// else: a link on which nothing comes is dead. And a link that brings but does not take is found by what is unsent: while
// a microphone flows (33 kB a second) it stops shrinking once the system's buffers are full.

export type Watch = {
  /** bufferedAmount at the last look, when that was, and when it last shrank or was nothing. */
  readonly unsent: number
  readonly lookedAt: number
  readonly flowedAt: number
  /** When something last came. */
  readonly heardAt: number
}

/** A network change or a phone's dead spot is over by then; a caller waits no longer. Not tuned. */
export const FLOWS_WITHIN_S = 5
/** Two pulses and a half: one may be late by as much as a mobile network delays, and the next is due. Not tuned. */
export const SILENT_S = 10
/** Who has not looked for so long was frozen, and has seen nothing to judge by. Timers of hidden pages ring each 1 s. */
const ASLEEP_S = 3

export const fresh = (now: number): Watch => ({unsent: 0, lookedAt: now, flowedAt: now, heardAt: now})

export function looked(watch: Watch, unsent: number, now: number): Watch {
  const slept = now - watch.lookedAt > ASLEEP_S
  const flows = slept || unsent === 0 || unsent < watch.unsent
  return {unsent, lookedAt: now, flowedAt: flows ? now : watch.flowedAt, heardAt: slept ? now : watch.heardAt}
}

export const heard = (watch: Watch, now: number): Watch => ({...watch, heardAt: now})

export const isDead = (watch: Watch, now: number): boolean =>
  now - watch.heardAt >= SILENT_S || now - watch.flowedAt >= FLOWS_WITHIN_S
