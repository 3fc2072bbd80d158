// A screen that nobody owns: it invites, and it forgets.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {face} from '../face/face.ts'
import {question} from '../parts/over.ts'
import type {Ui} from '../ui.ts'
import {lasting} from '../words/times.ts'
import {fill} from '../words/words.ts'

/** Nobody is there: the whole screen is the button. */
export function attract(ui: Ui): TemplateResult {
  return html`<button type="button" class="attract" part="panel" lang=${ui.lang} dir=${ui.dir} @click=${() => ui.set({open: true})}>
    <span class="portrait">${face(ui)}</span>
    <span class="title" dir="auto">${ui.card?.title ?? ''}</span>
    <span class="touch">${ui.words.kioskTouch}</span>
    <span class="ai">${ui.words.aiBadgeLong}</span>
  </button>`
}

/** Nobody has touched or said anything for long: before everything is wiped, they are asked. */
export function idle(ui: Ui): TemplateResult | typeof nothing {
  const {words, lang, local} = ui
  if (local.idleLeftS === null) return nothing
  return question(
    words.kioskIdleTitle,
    html`<p>${fill(words.kioskIdleText, {time: lasting(local.idleLeftS, 'second', lang)})}</p>`,
    html`<button type="button" part="button" class="main" data-first @click=${() => ui.set({idleLeftS: null})}>
        ${words.kioskStay}
      </button>
      <button type="button" @click=${() => ui.act.wipe()}>${words.kioskDone}</button>`,
  )
}
