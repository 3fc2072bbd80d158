// What the agent shows: tables, sums, links, texts. One at a time, the newest first; the others are a press away.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {Ui} from '../ui.ts'
import {fill} from '../words/words.ts'
import {type Cell, type Exhibit, exhibitOf, type SumRow} from './exhibit_data.ts'
import {icon} from './signs.ts'

const MAX_TITLE = 200

/** A number as the reader writes it, with its unit. */
export function amount(lang: string, value: number, unit: string): string {
  const plain = {maximumFractionDigits: 2} as const
  if (unit === '%') return new Intl.NumberFormat(lang, {...plain, style: 'percent'}).format(value / 100)
  if (/^[A-Z]{3}$/.test(unit)) {
    const money = {style: 'currency', currency: unit, minimumFractionDigits: 0, maximumFractionDigits: 2} as const
    return new Intl.NumberFormat(lang, money).format(value)
  }
  const number = new Intl.NumberFormat(lang, plain).format(value)
  return unit === '' || unit === 'count' ? number : `${number} ${unit}`
}

function cellText(ui: Ui, value: Cell): string {
  return typeof value === 'number' ? amount(ui.lang, value, '') : (value ?? '–')
}

/** Each cell reads in its own direction, and all stand where the table's puts them. */
function table(ui: Ui, {columns, rows}: Extract<Exhibit, {kind: 'table'}>): TemplateResult {
  const head = columns.map((name) => html`<th scope="col"><bdi>${name}</bdi></th>`)
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((it) => html`<td ?data-number=${typeof it === 'number'}><bdi>${cellText(ui, it)}</bdi></td>`)}</tr>`,
  )
  return html`<table>${head.length > 0 ? html`<thead><tr>${head}</tr></thead>` : nothing}<tbody>${body}</tbody></table>`
}

function sourceText({words}: Ui, source: string): string {
  const known: {readonly [name: string]: string} = {
    'founder-said': words.fromYou,
    sourced: words.fromSource,
    computed: words.fromSum,
  }
  return known[source] ?? source
}

function sumRow(ui: Ui, {label, value, word, unit, source}: SumRow): TemplateResult {
  return html`<tr>
    <th scope="row"><bdi>${label}</bdi>${source ? html`<small>${sourceText(ui, source)}</small>` : nothing}</th>
    <td data-number><bdi>${value === null ? word || '–' : amount(ui.lang, value, unit)}</bdi></td>
  </tr>`
}

/** Nothing leads away from a screen that nobody owns. */
function link(ui: Ui, url: string, label: string): TemplateResult {
  if (ui.shape === 'kiosk') return html`<p><b dir="auto">${label}</b><br><bdi>${url}</bdi></p>`
  return html`<p><a href=${url} target="_blank" rel="noopener noreferrer" dir="auto">${label || url}
    <span class="unseen">(${ui.words.opensTab})</span></a>${label ? html`<br><bdi class="soft">${new URL(url).host}</bdi>` : nothing}</p>`
}

/** Words, and the addresses among them open to be followed. */
function note(ui: Ui, text: string): TemplateResult {
  const shown = exhibitOf(text)
  return shown.kind === 'link' && shown.url !== null
    ? link(ui, shown.url, '')
    : html`<p><span dir="auto">${text}</span></p>`
}

function body(ui: Ui, shown: Exhibit): TemplateResult {
  const {words} = ui
  switch (shown.kind) {
    case 'table':
      return html`${table(ui, shown)}${more(ui, shown.rows.length, shown.of)}`
    case 'sum':
      return html`<table><tbody>${shown.rows.map((row) => sumRow(ui, row))}</tbody></table>
        ${more(ui, shown.rows.length, shown.of)}${shown.notes.map((text) => note(ui, text))}`
    case 'link':
      return shown.url === null
        ? html`<p><span dir="auto">${shown.label}</span></p><p class="soft">${words.badLink}</p>`
        : link(ui, shown.url, shown.label)
    case 'text':
      return html`<p class="prose"><span dir="auto">${shown.text}</span></p>${shown.isCut ? html`<p class="soft">${words.textShown}</p>` : nothing}`
    case 'nothing':
      return html`<p class="soft">${words.nothingInIt}</p>`
  }
}

function more({words}: Ui, n: number, of: number): TemplateResult | typeof nothing {
  return of > n ? html`<p class="soft">${fill(words.rowsShown, {n, of})}</p>` : nothing
}

export function exhibits(ui: Ui): TemplateResult | typeof nothing {
  const {view, words, local} = ui
  const {shown} = view
  const newest = shown.at(-1)
  // what is new comes back by itself
  if (newest === undefined || newest === local.putAway) return nothing
  const it = local.exhibit !== null && shown.includes(local.exhibit) ? local.exhibit : newest
  const at = shown.indexOf(it)
  const go = (to: number) => ui.set({exhibit: shown[to] === newest ? null : (shown[to] ?? null)})
  const turn = (to: number, label: string, sign: string) => html`<button
    class="sign" type="button" aria-label=${label} ?disabled=${shown[to] === undefined} @click=${() => go(to)}
  >${sign}</button>`
  const turning = html`${turn(at - 1, words.earlier, '‹')}
    <span class="soft">${fill(words.oneOf, {n: at + 1, of: shown.length})}</span>
    ${turn(at + 1, words.later, '›')}`
  return html`<section class="exhibit" aria-label=${words.onScreen}>
    <header>
      <h2><bdi>${it.title.slice(0, MAX_TITLE) || words.onScreen}</bdi></h2>
      ${shown.length > 1 ? turning : nothing}
      <button
        class="sign" type="button" aria-label=${words.putAway}
        @click=${() => ui.set({putAway: newest, exhibit: null})}
      >${icon('close')}</button>
    </header>
    <div class="body" tabindex="0">${body(ui, exhibitOf(it.data))}</div>
  </section>`
}
