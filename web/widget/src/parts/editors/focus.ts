// The focus follows the caller: into an editor that their tap has opened, and back to where they came from.

import {Directive, directive, type ElementPart} from 'lit/directive.js'
import {noChange} from 'lit/html.js'

class Focused extends Directive {
  #done = false

  override render(_wanted: boolean): typeof noChange {
    return noChange
  }

  override update({element}: ElementPart, [wanted]: [boolean]): typeof noChange {
    // a template is in the document only once all of it is filled in
    if (wanted && !this.#done && element instanceof HTMLElement) queueMicrotask(() => element.focus())
    this.#done = true
    return noChange
  }
}

/** On an element: takes the focus when it first appears, if `wanted` then. */
export const focused = directive(Focused)

/** What may be pressed takes the focus after what was pressed has gone. */
export function focusBack(from: EventTarget | null, selector: string): void {
  const root = from instanceof Node ? from.getRootNode() : null
  if (root instanceof ShadowRoot || root instanceof Document)
    requestAnimationFrame(() => root.querySelector<HTMLElement>(selector)?.focus())
}
