// Time as the session sees it; tests hand in one that they turn.

export interface Clock {
  /** Seconds that never go back. */
  now(): number
  /** @returns to be called if it is not wanted any more. */
  after(ms: number, ring: () => void): () => void
}

export const browserClock: Clock = {
  now: () => performance.now() / 1000,
  after: (ms, ring) => {
    const timer = setTimeout(ring, ms)
    return () => clearTimeout(timer)
  },
}

/** What is awaited, or an error after so long. */
export function within<T>(coming: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(ms, () => reject(new Error(`nothing came within ${ms / 1000} s`)))
    coming.then(resolve, reject).finally(stop)
  })
}
