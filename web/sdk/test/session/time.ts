import type {Clock} from '../../src/session/clock.ts'

/** A clock that stands still until the test turns it. */
export class HandClock implements Clock {
  #now = 1_000
  readonly #alarms = new Set<{readonly at: number; readonly ring: () => void}>()

  now(): number {
    return this.#now
  }

  after(ms: number, ring: () => void): () => void {
    const alarm = {at: this.#now + ms / 1000, ring}
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  /** How many alarms are set. */
  get waiting(): number {
    return this.#alarms.size
  }

  /** Turn it; alarms ring in order, at their time. */
  turn(seconds: number): void {
    const end = this.#now + seconds
    for (;;) {
      const due = [...this.#alarms].filter(({at}) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#now = Math.max(this.#now, due.at)
      this.#alarms.delete(due)
      due.ring()
    }
    this.#now = end
  }
}

/** Let everything that is ready happen. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}
