// Above the text box: the card of the fact that is being asked for, with what was heard, to be confirmed or changed by a
// tap or by typing; else how much is noted.

import {keyed} from 'lit/directives/keyed.js'
import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'
import {type Asked, asked} from './asked.ts'
import {begin, isEdited} from './editors/editing.ts'
import {editor} from './editors/editor.ts'
import {fieldType, humanised} from './editors/fieldtype.ts'
import {valueText} from './fact_row.ts'
import {notedLine} from './facts.ts'
import {icon} from './signs.ts'

export function asking(ui: Ui): TemplateResult {
  const found = asked(ui.view, ui.local)
  if (found === null) return toBoard(ui)
  // a card for each field: what was typed for one never stands in that of another
  return html`${keyed(`${found.field.id} ${found.value === null}`, card(ui, found))}`
}

/** How far it has come, while nothing is asked for by a card: the way to all that is noted. */
function toBoard(ui: Ui): TemplateResult {
  const open = () => ui.set({sheet: 'facts'})
  return html`${
    ui.view.fields.length > 0
      ? html`<button class="plain board" part="button" type="button" @click=${open}>${notedLine(ui)}</button>`
      : nothing
  }`
}

function card(ui: Ui, {field, value}: Asked): TemplateResult {
  const {words} = ui
  const isChoice = fieldType(field.type).kind === 'choice'
  const isHeard = value !== null
  return html`<section class="asking" role="group" aria-labelledby="asking">
    <p id="asking">
      <bdi class="name">${humanised(field.id)}</bdi>
      <span class="hint">${isHeard ? words.askingCheck : isChoice ? words.askingPick : words.askingSay}</span>
    </p>
    <button
      class="sign"
      part="button"
      type="button"
      aria-label=${words.askingClose}
      @click=${() => ui.set({passed: `${field.id} ${ui.view.facts[field.id]?.state ?? ''}`, editing: null})}
    >
      ${icon('close')}
    </button>
    ${isHeard && !isEdited(ui, field, 'card') ? heard(ui, {field, value}) : editor(ui, field, 'card', isHeard)}
  </section>`
}

function heard(ui: Ui, {field, value}: Asked): TemplateResult {
  const {words, call, lang} = ui
  return html`
    <p class="value">${valueText(field, value, lang)}</p>
    <div class="buttons">
      <button class="main" part="button" type="button" @click=${() => call.correct(field.id, value)}>
        ${words.askingRight}
      </button>
      <button part="button" type="button" data-opens=${`card ${field.id}`} @click=${() => begin(ui, field, 'card')}>
        ${words.factChange}
      </button>
    </div>
  `
}
