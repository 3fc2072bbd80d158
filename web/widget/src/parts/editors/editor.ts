// The editor of one fact, by the type of its field: what a thumb, a keyboard and a screen reader each want of it.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../../ui.ts'
import {type Field, isEdited, leave, type Place, save, write} from './editing.ts'
import {type FieldType, fieldType, humanised} from './fieldtype.ts'
import {focusBack, focused} from './focus.ts'
import {moneyParts} from './reading.ts'

/** As many currencies as the server knows by name; one of another country is added when a fact has it. */
const CURRENCIES =
  'USD EUR GBP JPY INR CHF CNY CAD AUD NZD SEK NOK DKK PLN CZK HUF MXN BRL KRW ZAR SGD HKD ILS AED'.split(' ')

type Mode = 'decimal' | 'email' | 'tel' | 'url' | 'text'
/** Keyboard and what browsers may fill in. */
const KEYS: {readonly [kind in FieldType['kind']]?: readonly [Mode, string]} = {
  number: ['decimal', 'off'],
  percent: ['decimal', 'off'],
  range: ['decimal', 'off'],
  money: ['decimal', 'off'],
  email: ['email', 'email'],
  phone: ['tel', 'tel'],
  url: ['url', 'url'],
}

interface Edited {
  readonly ui: Ui
  readonly field: Field
  readonly place: Place
  readonly type: FieldType
  readonly text: string
  readonly wrong: string
  /** It takes the focus: somebody has opened it. */
  readonly opened: boolean
}

/** @param opened by the caller, to change what is noted; else it stands there to be filled in. */
export function editor(ui: Ui, field: Field, place: Place, opened: boolean): TemplateResult {
  const editing = isEdited(ui, field, place) ? ui.local.editing : null
  const type = fieldType(field.type)
  const edited: Edited = {ui, field, place, type, text: editing?.text ?? '', wrong: editing?.wrong ?? '', opened}
  const {words} = ui
  return html`<form
    class="editor"
    novalidate
    data-place=${place}
    @submit=${(event: Event) => saved(event, edited, edited.text)}
    @keydown=${(event: KeyboardEvent) => pressed(event, edited)}
  >
    <div class="entry">${entry(edited)}</div>
    <p class="wrong" id=${`wrong-${place}`} role="alert">${edited.wrong}</p>
    <div class="buttons">
      ${type.kind === 'choice' ? nothing : html`<button class="main" part="button" type="submit">${words.factSave}</button>`}
      ${opened || editing !== null ? leaving(edited) : nothing}
    </div>
  </form>`
}

function leaving(edited: Edited): TemplateResult {
  return html`<button class="plain" part="button" type="button" @click=${(event: Event) => left(event, edited)}>
    ${edited.ui.words.factCancel}
  </button>`
}

/** Carries it out; the focus goes back to where the editor was opened, or to what is wrong in it. */
function done(event: Event, {field, place}: Edited, act: () => void): void {
  event.preventDefault()
  event.stopPropagation()
  // before it is carried out: an editor that has gone does not know any more where it stood
  focusBack(event.target, `[data-opens="${place} ${field.id}"], [data-place=${place}] [aria-invalid=true]`)
  act()
}

function saved(event: Event, edited: Edited, text: string): void {
  const {ui, field, place, type} = edited
  done(event, edited, () => save(ui, field, place, text, type))
}

function left(event: Event, edited: Edited): void {
  done(event, edited, () => leave(edited.ui))
}

function pressed(event: KeyboardEvent, edited: Edited): void {
  const {ui, type, text} = edited
  const {target, key} = event
  // a value stands on one line, so that Enter is free to save; in a list it begins the next item
  const isText = target instanceof HTMLTextAreaElement && (type.kind !== 'list' || event.ctrlKey || event.metaKey)
  if (key === 'Escape' && ui.local.editing !== null) left(event, edited)
  else if (key === 'Enter' && isText && !event.shiftKey && !event.isComposing) saved(event, edited, text)
}

function entry(edited: Edited): TemplateResult {
  const {type, text} = edited
  switch (type.kind) {
    case 'choice':
      // one of a few: a tap says it
      return choices(edited, type.options, [text], (option, event) => saved(event, edited, option))
    case 'list':
      return type.item?.kind === 'choice' ? several(edited, type.item.options) : area(edited)
    case 'text':
    case 'story':
    case 'quote':
      return area(edited)
    case 'money':
      return money(edited)
    case 'date':
      // the browser's own calendar; of a month where only that was said
      return line(edited, text, (each) => each, /^\d{4}-\d\d$/.test(text) ? 'month' : 'date')
    default:
      return line(edited, text, (each) => each)
  }
}

/** One line; `whole` makes the editor's text of what stands in it. */
function line(edited: Edited, value: string, whole: (text: string) => string, input = 'text'): TemplateResult {
  const {ui, field, place, type, opened} = edited
  const [mode, fills] = KEYS[type.kind] ?? ['text', 'off']
  const isAddress = fills !== 'off'
  return html`<input
    part="input"
    type=${input as 'text'}
    max=${input === 'text' ? nothing : '9999-12-31'}
    dir=${isAddress ? 'ltr' : 'auto'}
    inputmode=${mode}
    autocomplete=${fills}
    autocapitalize="none"
    spellcheck="false"
    enterkeyhint="done"
    aria-label=${humanised(field.id)}
    aria-describedby=${`wrong-${place}`}
    aria-invalid=${edited.wrong !== ''}
    .value=${value}
    ${focused(opened)}
    @input=${(event: Event) => write(ui, field, place, whole(textOf(event)))}
  />`
}

function area({ui, field, place, type, text, wrong, opened}: Edited): TemplateResult {
  const isList = type.kind === 'list'
  return html`<textarea
    part="input"
    dir="auto"
    rows="3"
    enterkeyhint=${isList ? 'enter' : 'done'}
    placeholder=${isList ? ui.words.factLines : ''}
    aria-label=${humanised(field.id)}
    aria-describedby=${`wrong-${place}`}
    aria-invalid=${wrong !== ''}
    .value=${text}
    ${focused(opened)}
    @input=${(event: Event) => write(ui, field, place, textOf(event))}
  ></textarea>`
}

function money(edited: Edited): TemplateResult {
  const {ui, field, place, text} = edited
  const {amount, currency} = moneyParts(text)
  const codes = CURRENCIES.includes(currency) ? CURRENCIES : [currency, ...CURRENCIES]
  // who writes "€300" has said the currency already
  const whole = (typed: string) => (/[\p{Sc}\p{L}]/u.test(typed) ? typed : `${typed} ${currency}`)
  return html`${line(edited, amount, whole)}<select
      part="input"
      aria-label=${ui.words.factCurrency}
      @change=${(event: Event) => write(ui, field, place, `${amount.replace(/\p{Sc}/gu, '')} ${textOf(event)}`)}
    >
      ${codes.map((code) => html`<option value=${code} .selected=${code === currency}>${code}</option>`)}
    </select>`
}

/** Any of a few. */
function several(edited: Edited, options: readonly string[]): TemplateResult {
  const {ui, field, place, text} = edited
  const chosen = text.split('\n').filter((each) => each !== '')
  return choices(edited, options, chosen, (option) => {
    const others = chosen.filter((each) => each !== option)
    const now = others.length === chosen.length ? [...chosen, option] : others
    write(ui, field, place, now.join('\n'))
  })
}

function choices(
  {field, opened}: Edited,
  options: readonly string[],
  chosen: readonly string[],
  press: (option: string, event: Event) => void,
): TemplateResult {
  const first = Math.max(0, options.indexOf(chosen[0] ?? ''))
  return html`<div class="choices" role="group" aria-label=${humanised(field.id)}>
    ${options.map(
      (option, index) => html`<button
        type="button"
        part="button"
        aria-pressed=${chosen.includes(option)}
        ${focused(opened && index === first)}
        @click=${(event: Event) => press(option, event)}
      >
        ${humanised(option)}
      </button>`,
    )}
  </div>`
}

function textOf({target}: Event): string {
  const isEntry =
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  return isEntry ? target.value : ''
}
