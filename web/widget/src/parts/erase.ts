// "Delete this talk": asked once, done on the server, and told.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {isOn, type Ui} from '../ui.ts'
import {question} from './over.ts'

export function eraseSheet(ui: Ui): TemplateResult {
  const {words, local, view, act} = ui
  const isWorking = local.erasure === 'asked'
  return question(
    words.eraseTitle,
    html`<p>${words.eraseText}${isOn(view) ? ` ${words.eraseEnds}` : nothing}</p>
      <p class="wrong" role="alert">${local.erasure === 'failed' ? words.eraseFailed : nothing}</p>`,
    html`<button type="button" class="danger" ?disabled=${isWorking} @click=${() => act.erase()}>
        ${isWorking ? words.erasing : words.eraseYes}
      </button>
      <button type="button" data-first ?disabled=${isWorking} @click=${() => ui.set({sheet: ''})}>
        ${words.eraseNo}
      </button>`,
  )
}
