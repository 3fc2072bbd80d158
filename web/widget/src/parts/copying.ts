// To the clipboard, and what came of it. Frames and old browsers may refuse.

import {html, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'

/** @param of what is copied, for `copied` to know it by. */
export async function copy(ui: Ui, of: unknown, text: string): Promise<void> {
  let done = true
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    done = false
  }
  ui.set({copied: {of, done}})
}

export function copied({local, words}: Ui, of: unknown): TemplateResult {
  const isThis = local.copied !== null && local.copied.of === of
  return html`<span class="soft" role="status">${isThis ? (local.copied.done ? words.copied : words.copyFailed) : ''}</span>`
}
