// Correcting a fact: begun by a tap or by typing, saved by Enter, left by Esc.

import {isOn, type Ui} from '../../ui.ts'
import {type FieldType, fieldType} from './fieldtype.ts'
import {read} from './reading.ts'
import {typed} from './writing.ts'

export type Field = Ui['view']['fields'][number]

/** Where an editor stands: on the board of all facts, or on the card of the one that is asked for. */
export type Place = 'board' | 'card'

/** Facts may be set by hand while the call is on. */
export function mayEdit({view}: Ui): boolean {
  return isOn(view)
}

export function isEdited({local: {editing}}: Ui, field: Field, place: Place): boolean {
  return editing?.field === field.id && (editing.onCard === true) === (place === 'card')
}

/** Opens the editor with what is noted, and gives it the focus. */
export function begin(ui: Ui, field: Field, place: Place): void {
  write(ui, field, place, typed(fieldType(field.type), ui.view.facts[field.id]?.value, ui.lang))
}

/** What stands in the editor now. */
export function write(ui: Ui, field: Field, place: Place, text: string, wrong = ''): void {
  ui.set({editing: {field: field.id, text, wrong, onCard: place === 'card'}})
}

/** Sets the fact if the text will do; else says what is wrong beside it. */
export function save(ui: Ui, field: Field, place: Place, text: string, type: FieldType): void {
  const found = read(type, text, ui.words, ui.lang)
  if ('wrong' in found) write(ui, field, place, text, found.wrong)
  else {
    ui.call.correct(field.id, found.value)
    ui.set({editing: null})
  }
}

/** Leaves what is noted as it is. */
export function leave(ui: Ui): void {
  ui.set({editing: null})
}
