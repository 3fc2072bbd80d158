// The focus goes where the next step is; whoever stands somewhere that is still there is left alone.

export class Focus {
  #hadIt = false
  #moves = false
  #screen = ''

  constructor(private readonly frame: HTMLElement) {}

  /** Something else is in front after the next drawing. */
  moves(): void {
    this.#moves = true
  }

  before(): void {
    this.#hadIt = this.#focused() !== null
  }

  /** @param isOpen whether there is anything to stand on. */
  after(screen: string, isOpen: boolean): void {
    const isNew = this.#moves || screen !== this.#screen
    const isLost = this.#hadIt && this.#focused() === null
    const isFirst = this.#screen === ''
    this.#screen = screen
    const isWanted = this.#moves || isLost || (isNew && this.#hadIt && !isFirst)
    this.#moves = false
    if (!isWanted) return
    const firsts = [...this.frame.querySelectorAll<HTMLElement>('[data-first]')]
    const first = isOpen ? (firsts.at(-1) ?? this.frame.querySelector<HTMLElement>('.panel')) : null
    const next = first ?? this.frame.querySelector<HTMLElement>('.bubble')
    next?.focus({preventScroll: true})
  }

  #focused(): Element | null {
    const root = this.frame.getRootNode()
    const focused = root instanceof ShadowRoot ? root.activeElement : null
    return focused !== null && focused.getClientRects().length > 0 ? focused : null
  }
}
