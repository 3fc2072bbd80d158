// What a call holds of the browser, and how all of it is given back.

/** Thrown after an await by what went on in vain: the call was left meanwhile. Nothing to tell anybody. */
export class LeftError extends Error {
  constructor() {
    super('the call was left')
  }
}

/** Releases run once, the newest first; what is added after the release is released at once. */
export class Holdings {
  #releases: readonly (() => void)[] | null = []

  get over(): boolean {
    return this.#releases === null
  }

  /**
   * Have something released at the end.
   * @returns to be called to release it earlier.
   */
  add(release: () => void): () => void {
    let released = false
    const once = () => {
      if (released) return
      released = true
      this.#releases = this.#releases?.filter((other) => other !== once) ?? null
      quietly(release)
    }
    if (this.#releases === null) once()
    else this.#releases = [...this.#releases, once]
    return once
  }

  /** Listen until the end. */
  listen(target: EventTarget | null | undefined, kinds: readonly string[], heard: (event: Event) => void): void {
    for (const kind of kinds) {
      target?.addEventListener(kind, heard)
      this.add(() => target?.removeEventListener(kind, heard))
    }
  }

  /**
   * Wait for something, but no longer than until the end; what comes too late is released at once.
   * @throws LeftError
   */
  take<T>(coming: Promise<T>, release: (got: T) => void = () => {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const left = this.add(() => reject(new LeftError()))
      coming.then((got) => {
        this.add(() => release(got))
        resolve(got) // changes nothing for whom the end has come already
        left()
      }, reject)
    })
  }

  release(): void {
    const releases = this.#releases
    this.#releases = null
    for (const release of [...(releases ?? [])].reverse()) release()
  }
}

/** One release that fails must not keep the others from being released. */
function quietly(release: () => void): void {
  try {
    release()
  } catch {
    // what cannot be released is gone already
  }
}
