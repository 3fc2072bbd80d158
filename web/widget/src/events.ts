// What a page hears of its widget: that something has changed, never a word of the caller.

import type {View} from '../../sdk/src/index.ts'

export function news(host: EventTarget, before: View, view: View): void {
  const tell = (name: string, detail: object) =>
    host.dispatchEvent(new CustomEvent(`viva-${name}`, {detail, bubbles: true, composed: true}))
  if (before.screen !== view.screen) tell('screen', {screen: view.screen})
  if (before.facts !== view.facts) {
    for (const [field, {state}] of Object.entries(view.facts)) {
      if (before.facts[field] !== view.facts[field]) tell('fact', {field, state})
    }
  }
  if (before.ended === null && view.ended !== null) tell('ended', {reason: view.ended.reason})
}
