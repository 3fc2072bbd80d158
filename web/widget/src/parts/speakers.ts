// Who is in the talk, who has the floor, and that in words.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'
import {fill} from '../words/words.ts'
import {colourOf, listOf} from './colours.ts'

export function nameOf(ui: Ui, who: string): string {
  if (who === 'caller') return ui.words.you
  return listOf(ui).find(({id}) => id === who)?.name || who
}

/** Whose turn it is, in words. */
export function stateOf(ui: Ui): string {
  const {view, words} = ui
  const {turn, holder} = view.floor
  if (view.screen === 'reconnecting') return words.turnBack
  if (turn === 'agent') return fill(words.turnAgent, {name: nameOf(ui, holder)})
  if (turn === 'waiting') return words.turnWaiting
  // without its voice a talk says so in a notice, and nobody would be heard
  if (view.mode === 'text' || view.notices.some(({action}) => action === 'type')) return words.turnType
  if (view.microphone === 'muted') return words.turnMuted
  if (view.talking) return words.turnHeard
  if (view.pushToTalk) return words.turnHold
  return turn === 'open' ? words.turnOpen : words.turnCaller
}

export function speakers(ui: Ui): TemplateResult {
  const list = listOf(ui)
  const names = list.map(
    ({id, name}) => html`<li data-colour=${colourOf(ui, id)} ?data-speaks=${id === ui.view.floor.holder}>${name}</li>`,
  )
  return html`
    ${list.length > 1 ? html`<ul class="names" aria-label=${ui.words.speakersLabel}>${names}</ul>` : nothing}
    <p class="state" data-turn=${ui.view.floor.turn}>${stateOf(ui)}</p>`
}
