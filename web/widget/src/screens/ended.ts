// After the talk: thanks, what was noted, and what may still be done with it.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {face} from '../face/face.ts'
import type {Ui} from '../ui.ts'
import {told} from '../words/words.ts'

export function ended(ui: Ui): TemplateResult {
  const {words, view, local} = ui
  if (local.erasure === 'done') return erased(ui)
  const isElsewhere = view.connection === 'replaced'
  const isEmpty = view.captions.length === 0
  const title = isElsewhere ? words.replacedTitle : isEmpty ? words.endedEmptyTitle : words.endedTitle
  const [problem] = view.problems
  const text = problem ? told(words, 'problem', problem) : view.ended ? told(words, 'end', view.ended) : ''
  return html`<div class="calm">
    <div class="portrait">${face(ui)}</div>
    <h2>${title}</h2>
    <p role="status">${text}</p>
    ${next(ui)}
    <div class="after">
      ${isEmpty ? nothing : plain(words.readTranscript, () => ui.set({sheet: 'transcript'}))}
      ${view.fields.length === 0 ? nothing : plain(words.seeFacts, () => ui.set({sheet: 'facts'}))}
      ${view.mayErase ? plain(words.eraseThis, () => ui.set({sheet: 'erase', erasure: ''})) : nothing}
    </div>
  </div>`
}

function erased(ui: Ui): TemplateResult {
  return html`<div class="calm">
    <div class="portrait">${face(ui)}</div>
    <h2>${ui.words.erasedTitle}</h2>
    <p role="status">${ui.words.erasedText}</p>
    ${next(ui)}
  </div>`
}

function next({words, act, shape, view}: Ui): TemplateResult {
  return shape === 'kiosk'
    ? html`<button type="button" part="button" class="main" data-first @click=${() => act.wipe()}>${words.kioskDone}</button>`
    : html`<button type="button" part="button" class="main" data-first @click=${() => act.start(view.mode)}>${words.actRestart}</button>`
}

function plain(text: string, act: () => void): TemplateResult {
  return html`<button type="button" class="plain" @click=${act}>${text}</button>`
}
