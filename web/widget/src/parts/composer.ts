// The text box: at any time, in either mode.

import {live} from 'lit/directives/live.js'
import {html, nothing, type TemplateResult} from 'lit/html.js'
import {MAX_TYPED_CHARS} from '../../../sdk/src/core/protocol.ts'
import type {Ui} from '../ui.ts'
import {fill} from '../words/words.ts'
import {icon} from './signs.ts'

/** What would be sent, or why nothing can be. */
export function readyToSend({view, local}: Pick<Ui, 'view' | 'local'>): 'ready' | 'empty' | 'long' | 'offline' {
  const text = local.draft.trim()
  if (text.length > MAX_TYPED_CHARS) return 'long'
  if (text === '') return 'empty'
  return view.screen === 'reconnecting' ? 'offline' : 'ready'
}

function send(ui: Ui): void {
  if (readyToSend(ui) !== 'ready') return
  ui.call.type(ui.local.draft.trim())
  ui.set({draft: ''})
}

/** Enter sends, with Shift it is a new line; while a word is being composed (Japanese, Chinese) it chooses the word. */
function pressed(ui: Ui, event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
  event.preventDefault()
  send(ui)
}

export function composer(ui: Ui): TemplateResult {
  const {words, local} = ui
  const state = readyToSend(ui)
  const over = local.draft.trim().length - MAX_TYPED_CHARS
  const hint = state === 'long' ? fill(words.tooLong, {n: over}) : state === 'offline' ? words.typeLater : ''
  return html`<form
    class="composer"
    @submit=${(event: Event) => {
      event.preventDefault()
      send(ui)
    }}
  >
    <p class="hint" role="status">${hint || nothing}</p>
    <div class="grow" data-text=${local.draft}>
      <textarea
        part="input"
        ?data-first=${ui.view.mode === 'text'}
        rows="1"
        dir=${local.draft === '' ? nothing : 'auto'}
        enterkeyhint="send"
        aria-label=${words.typeHere}
        placeholder=${words.typeHere}
        aria-invalid=${state === 'long'}
        .value=${live(local.draft)}
        @input=${(event: Event) => ui.set({draft: (event.target as HTMLTextAreaElement).value})}
        @keydown=${(event: KeyboardEvent) => pressed(ui, event)}
      ></textarea>
    </div>
    <button class="round" type="submit" part="button" aria-label=${words.send} ?disabled=${state !== 'ready'}>
      ${icon('send')}
    </button>
  </form>`
}
