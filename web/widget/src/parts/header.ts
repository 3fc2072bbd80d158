// The top line: whose talk it is, that it is an AI, whether it is recorded, and the way out.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {type First, isOn, titleOf} from '../ui.ts'
import {icon} from './icons.ts'

export function header(ui: First): TemplateResult {
  const {shape, view, words, local} = ui
  const title = titleOf(ui)
  return html`<div class="head" part="header">
    <div class="whose">
      <span class="ai" title=${words.aiBadgeLong}>${words.aiBadge}</span>
      ${title === '' || view.screen === 'start' ? nothing : html`<h1 dir="auto">${title}</h1>`}
    </div>
    ${recording(ui)}
    <button
      type="button"
      class="sign"
      aria-label=${words.menu}
      aria-haspopup="menu"
      aria-expanded=${local.sheet === 'menu'}
      @click=${() => ui.set({sheet: local.sheet === 'menu' ? '' : 'menu'})}
    >
      ${icon('more')}
    </button>
    ${
      shape === 'bubble'
        ? html`<button type="button" class="sign" aria-label=${words.close} @click=${() => ui.act.close()}>
            ${icon('close')}
          </button>`
        : nothing
    }
  </div>`
}

/** Whether sound is kept, as long as there is a call. */
function recording({view, words}: First): TemplateResult | typeof nothing {
  if (!isOn(view) || view.consent === '' || view.consent === 'ask') return nothing
  const isKept = view.consent === 'always' || view.consent === 'given'
  return html`<p class="recording ${isKept ? 'on' : ''}">${isKept ? words.recordingOn : words.recordingOff}</p>`
}
