// Who is in the talk, who has the floor, and that in words.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'
import {fill} from '../words/words.ts'

/** Colours of speakers in `tokens.css`, `--v1` to this. */
const COLOURS = 6

/** Names of who speaks; before the gateway has said, those of the card. */
function listOf({view, card}: Ui): readonly {readonly id: string; readonly name: string}[] {
  return view.speakers.length > 0 ? view.speakers : (card?.speakers ?? [])
}

export function nameOf(ui: Ui, who: string): string {
  if (who === 'caller') return ui.words.you
  return listOf(ui).find(({id}) => id === who)?.name || who
}

/** Number of the speaker's colour; 0 for the caller and for strangers. */
export function colourOf(ui: Ui, who: string): number {
  const at = listOf(ui).findIndex(({id}) => id === who)
  return at === -1 ? 0 : (at % COLOURS) + 1
}

/** Whose turn it is, in words. */
export function stateOf(ui: Ui): string {
  const {view, words} = ui
  const {turn, holder} = view.floor
  if (view.screen === 'reconnecting') return words.turnBack
  if (turn === 'agent') return fill(words.turnAgent, {name: nameOf(ui, holder)})
  if (turn === 'waiting') return words.turnWaiting
  if (view.mode === 'text') return words.turnType
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
