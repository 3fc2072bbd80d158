// A part of the widget is still on its way, or did not come.

import {html, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'

export function coming({words, local, act}: Ui): TemplateResult {
  if (!local.isMissing) return html`<div class="calm"><p role="status">${words.working}</p></div>`
  return html`<div class="calm">
    <h2>${words.unreachableTitle}</h2>
    <p role="alert">${words.unreachableText}</p>
    <button type="button" part="button" class="main" data-first @click=${() => act.retry()}>${words.actRetry}</button>
  </div>`
}
