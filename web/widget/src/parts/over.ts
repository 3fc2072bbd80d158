// What lies over the talk: a sheet with one thing to read or to do, or a question that has to be answered first.

import {html, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'
import {icon} from './signs.ts'

export function over(ui: Ui, title: string, body: unknown): TemplateResult {
  return html`<div class="over" role="dialog" aria-modal="true" aria-label=${title} tabindex="-1" data-first>
    <div class="over-head">
      <h2>${title}</h2>
      <button type="button" class="sign" aria-label=${ui.words.close} @click=${() => ui.set({sheet: ''})}>
        ${icon('close')}
      </button>
    </div>
    <div class="over-body">${body}</div>
  </div>`
}

/** @param buttons the one that changes nothing has the focus: it is marked `data-first`. */
export function question(title: string, body: unknown, buttons: TemplateResult): TemplateResult {
  return html`<div class="over ask" role="alertdialog" aria-modal="true" aria-label=${title}>
    <div class="question-box">
      <h2>${title}</h2>
      ${body}
      <div class="buttons">${buttons}</div>
    </div>
  </div>`
}
