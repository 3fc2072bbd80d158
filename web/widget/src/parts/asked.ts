// Which fact is worth a card of its own above the text box: one that ears get wrong and thumbs get right.

import type {Local, Ui} from '../ui.ts'
import type {Field} from './editors/editing.ts'
import {fieldType, type Kind} from './editors/fieldtype.ts'

type View = Ui['view']

const KINDS: readonly Kind[] = ['number', 'range', 'percent', 'money', 'date', 'email', 'phone', 'url', 'choice']
/** Turns after which nobody waits any more for a word on what was heard: the agent's, the caller's, the agent's. */
const PATIENCE = 3

export interface Asked {
  readonly field: Field
  /** What was heard; null while nothing was. */
  readonly value: unknown
}

/** Set right on the board, it is no answer to what is being asked. */
const isByHand = ({state}: View['facts'][string]) => state === 'confirmed'

/** The newest of them that is open: just asked, or just heard and not confirmed. */
export function asked(
  {fields, facts, captions, screen}: View,
  {passed, editing}: Pick<Local, 'passed' | 'editing'>,
): Asked | null {
  if (screen !== 'talk' && screen !== 'text') return null
  const now = captions.at(-1)?.turn ?? 0
  // facts stand in the order in which they came up
  const known = Object.values(facts)
  for (const [index, {field: id, state, value, evidence}] of [...known.entries()].reverse()) {
    const field = fields.find((each) => each.id === id)
    if (field === undefined || !KINDS.includes(fieldType(field.type).kind)) continue
    const isOpen =
      state === 'answered'
        ? value !== null && now - (evidence.at(-1)?.[0] ?? now) <= PATIENCE
        : (state === 'asked' || state === 'vague') && known.slice(index + 1).every(isByHand)
    // an editor does not vanish under the fingers
    const isEdited = editing?.field === id && editing.onCard === true
    if ((isOpen && passed !== `${id} ${state}`) || isEdited) return {field, value: state === 'answered' ? value : null}
  }
  return null
}
