// The board of facts: what the conversation has noted so far, each line open to correction.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'
import {fill} from '../words/words.ts'
import {mayEdit} from './editors/editing.ts'
import {humanised} from './editors/fieldtype.ts'
import {factRow} from './fact_row.ts'

/** "Noted: 3 of 14". */
export function notedLine({view: {fields, facts}, words}: Ui): string {
  return fill(words.noted, {n: fields.filter(({id}) => isKnown(facts[id]?.state)).length, of: fields.length})
}

function isKnown(state: string | undefined): boolean {
  return state === 'answered' || state === 'confirmed'
}

export function facts(ui: Ui): TemplateResult {
  const {view, words} = ui
  if (view.fields.length === 0)
    return html`<section class="facts" part="facts"><p class="hint">${words.factsNone}</p></section>`
  const objectives = [...new Set(view.fields.map(({objective}) => objective))]
  return html`<section class="facts" part="facts" aria-label=${words.factsTitle}>
    <p class="sum">${notedLine(ui)}</p>
    ${mayEdit(ui) ? html`<p class="hint">${words.factsHelp}</p>` : nothing}
    ${objectives.map(
      (objective) => html`
        ${objectives.length > 1 ? html`<h3><bdi>${humanised(objective)}</bdi></h3>` : nothing}
        <ul>
          ${view.fields.map((field) =>
            field.objective === objective ? html`<li>${factRow(ui, field)}</li>` : nothing,
          )}
        </ul>
      `,
    )}
  </section>`
}
