// A field's value as text: for reading, in the caller's own language, and for the editor, to be changed.

import {type FieldType, humanised} from './fieldtype.ts'

/** The value for reading. What does not fit its type is shown as it is. */
export function shown(type: FieldType, value: unknown, lang: string): string {
  const number = (figure: number, more: Intl.NumberFormatOptions = {}) =>
    new Intl.NumberFormat(lang, {maximumFractionDigits: 6, ...more}).format(figure)
  if (Array.isArray(value)) {
    const items = value.map((each) => shown(type.item ?? type, each, lang))
    return new Intl.ListFormat(lang, {type: 'unit'}).format(items)
  }
  if (typeof value === 'number') {
    if (type.kind === 'percent') return number(value / 100, {style: 'percent'})
    return number(value) + (type.kind === 'range' ? ` / ${number(type.high)}` : '')
  }
  const text = String(value)
  if (typeof value === 'object') {
    const {amount, currency} = moneyOf(value)
    if (!/^[A-Z]{3}$/.test(currency)) return Object.values(value ?? {}).join(' ')
    // 300, but 300.50
    return number(amount, {style: 'currency', currency, minimumFractionDigits: amount % 1 ? 2 : 0})
  }
  if (type.kind === 'date') return dateText(text, lang)
  return type.kind === 'choice' ? humanised(text) : text
}

function moneyOf(value: object | null): {readonly amount: number; readonly currency: string} {
  const {amount, currency} = {amount: 0, currency: '', ...value}
  return {amount: Number(amount), currency: String(currency)}
}

function dateText(text: string, lang: string): string {
  const [, year, month, day] = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(text) ?? []
  if (year === undefined) return text
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1))
  const parts = {year: 'numeric', month: 'long', timeZone: 'UTC'} as const
  return new Intl.DateTimeFormat(lang, day === undefined ? parts : {...parts, day: 'numeric'}).format(at)
}

/** The value for the editor, such that reading it gives the value again. */
export function typed(type: FieldType, value: unknown, lang: string): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map((each) => typed(type.item ?? type, each, lang)).join('\n')
  if (typeof value === 'number')
    return new Intl.NumberFormat(lang, {useGrouping: false, maximumFractionDigits: 9}).format(value)
  if (typeof value !== 'object') return String(value)
  const {amount, currency} = moneyOf(value)
  return `${typed(type, amount, lang)} ${currency}`
}

/** The moment of a call, `2:14`. */
export function moment(ms: number, lang: string): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = new Intl.NumberFormat(lang, {minimumIntegerDigits: 2})
  return `${new Intl.NumberFormat(lang).format(Math.floor(seconds / 60))}:${two.format(seconds % 60)}`
}
