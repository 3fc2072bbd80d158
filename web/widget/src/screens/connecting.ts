// Between the tap and the first word.

import {html, type TemplateResult} from 'lit/html.js'
import {face} from '../face/face.ts'
import type {Ui} from '../ui.ts'
import {told} from '../words/words.ts'

export function connecting(ui: Ui): TemplateResult {
  const {words, view, call} = ui
  const [problem] = view.problems
  return html`<div class="calm" role="status">
    <div class="portrait">${face(ui)}</div>
    <h2>${words.connecting}</h2>
    <p>${problem ? told(words, 'problem', problem) : words.connectingText}</p>
    <button type="button" class="plain" @click=${() => call.leave()}>${words.cancel}</button>
  </div>`
}
