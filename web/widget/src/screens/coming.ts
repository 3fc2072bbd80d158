// The rest of the widget is still on its way, or did not come.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {type First, isOn} from '../ui.ts'

export function coming({words, view, local, act, call}: First): TemplateResult {
  if (!local.isMissing) return html`<div class="calm"><p role="status">${words.working}</p></div>`
  return html`<div class="calm">
    <h2>${words.unreachableTitle}</h2>
    <p role="alert">${words.unreachableText}</p>
    <button type="button" part="button" class="main" data-first @click=${() => act.retry()}>${words.actRetry}</button>
    ${isOn(view) ? html`<button type="button" class="plain" @click=${() => call.leave()}>${words.endCall}</button>` : nothing}
  </div>`
}
