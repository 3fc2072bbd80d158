// One line of the board: what is asked, what is noted of it, where it was said, and how to change it.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'
import type {English} from '../words/en.ts'
import {fill} from '../words/words.ts'
import {begin, type Field, isEdited, mayEdit} from './editors/editing.ts'
import {editor} from './editors/editor.ts'
import {fieldType, humanised} from './editors/fieldtype.ts'
import {moment, shown} from './editors/writing.ts'

const STATES: {readonly [state: string]: keyof English} = {
  asked: 'factAsked',
  vague: 'factVague',
  answered: 'factAnswered',
  confirmed: 'factConfirmed',
  refused: 'factRefused',
}
/** Strokes in a box of 20. */
const MARKS: {readonly [state: string]: string} = {
  asked: 'M6.5 10h.01M10 10h.01M13.5 10h.01',
  vague: 'M6 11q2-4 4-1t4-1',
  answered: 'M6 10.5l3 3 5.5-6.5',
  confirmed: 'M6 10.5l3 3 5.5-6.5',
  refused: 'M6.5 10h7',
}

/** In a line of its own: addresses and numbers run from left to right in any language. */
export function valueText({type}: Field, value: unknown, lang: string): TemplateResult {
  const read = fieldType(type)
  const {kind} = read.item ?? read
  const isLtr = kind === 'email' || kind === 'phone' || kind === 'url'
  return html`<bdi dir=${isLtr ? 'ltr' : 'auto'}>${shown(read, value, lang)}</bdi>`
}

export function factRow(ui: Ui, field: Field): TemplateResult {
  const {view, words, lang} = ui
  const fact = view.facts[field.id]
  const state = fact !== undefined && fact.state in STATES ? fact.state : 'unasked'
  const moments = fact?.evidence.at(-1)
  const isNoted = fact?.value !== null && fact?.value !== undefined
  const said = html`
    <svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="9" /><path d=${MARKS[state] ?? ''} /></svg>
    <span class="what">
      <span class="name"><bdi>${humanised(field.id)}</bdi></span>
      ${isNoted ? html`<span class="value">${valueText(field, fact.value, lang)}</span>` : nothing}
      <span class="state">
        ${words[STATES[state] ?? 'factUnasked']}${
          moments === undefined ? nothing : html` · ${fill(words.factSaidAt, {time: moment(moments[1], lang)})}`
        }
      </span>
    </span>
  `
  if (!mayEdit(ui)) return html`<div class="fact" data-state=${state}>${said}</div>`
  if (isEdited(ui, field, 'board'))
    return html`<div class="fact" data-state=${state}>${said}</div>
      ${editor(ui, field, 'board', true)}`
  return html`<button
    class="fact"
    part="button"
    type="button"
    data-state=${state}
    data-opens=${`board ${field.id}`}
    @click=${() => begin(ui, field, 'board')}
  >
    ${said}<span class="change">${isNoted ? words.factChange : words.factAdd}</span>
  </button>`
}
