// Hold to talk. Held it is heard until it is let go; pressed shortly it stays on until the next press, for those who
// cannot hold.

/** Shorter is a tap. Long presses of phones begin at 500 ms. Not tuned. */
export const HELD_MS = 350

export class Hold {
  readonly #talk: (on: boolean) => void
  /** When the press that began to talk came, while it lasts. */
  #since: number | null = null

  constructor(talk: (on: boolean) => void) {
    this.#talk = talk
  }

  /** @param on whether the caller is heard already: this press stops that. */
  down(on: boolean, atMs: number): void {
    this.#since = on ? null : atMs
    this.#talk(!on)
  }

  up(atMs: number): void {
    const since = this.#since
    this.#since = null
    if (since !== null && atMs - since >= HELD_MS) this.#talk(false)
  }

  /** The finger or the focus was taken away: nobody holds it any more. */
  lost(): void {
    if (this.#since === null) return
    this.#since = null
    this.#talk(false)
  }
}
