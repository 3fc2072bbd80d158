// Each speaker has a colour of their own, on every screen the same.

import type {First, Known} from '../ui.ts'

/** Colours of speakers in `tokens.css`, `--v1` to this. */
const COLOURS = 6

/** Names of who speaks; before the gateway has said, those of the card. */
export function listOf({view, card}: Known): readonly {readonly id: string; readonly name: string}[] {
  return view.speakers.length > 0 ? view.speakers : (card?.speakers ?? [])
}

/** Number of the speaker's colour; 0 for the caller and for strangers. */
export function colourOf(ui: First, who: string): number {
  const at = listOf(ui).findIndex(({id}) => id === who)
  return at === -1 ? 0 : (at % COLOURS) + 1
}
