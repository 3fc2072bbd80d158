// What somebody has typed, as the value of a field: by the server's rules (`vivavoce.agents.fieldtypes`), so that what
// is let through here holds there. The server understands more than this, because it listens to speech.

import type {English} from '../../words/en.ts'
import {fill, type Words} from '../../words/words.ts'
import type {FieldType, Kind} from './fieldtype.ts'
import {figure, plainDigits} from './figures.ts'
import {shown} from './writing.ts'

export type Read = {readonly value: unknown} | {readonly wrong: string}

const MAX_TEXT = 4000
const MAX_ITEMS = 100
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/
const EMAIL = /^[a-z0-9_%+-][a-z0-9._%+-]{0,63}@(.+)$/
const SIGNS: {readonly [sign: string]: string} = {$: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY', '₹': 'INR'}

export function read(type: FieldType, typed: string, words: Words, lang: string): Read {
  const text = typed.trim()
  // half a date in a browser's calendar is no text yet
  if (text === '') return {wrong: type.kind === 'date' ? words.wrongDate : words.wrongEmpty}
  if ([...text].length > MAX_TEXT) return {wrong: fill(words.wrongLong, {n: MAX_TEXT})}
  if (type.kind === 'list') return list(type.item ?? type, text, words, lang)
  const value = VALUES[type.kind](text, lang, type)
  return value === null ? {wrong: wrong(type, words, lang)} : {value}
}

function list(item: FieldType, text: string, words: Words, lang: string): Read {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length > MAX_ITEMS) return {wrong: fill(words.wrongMany, {n: MAX_ITEMS})}
  const value: unknown[] = []
  for (const [index, line] of lines.entries()) {
    const found = read(item, line, words, lang)
    if ('wrong' in found) return {wrong: fill(words.wrongLine, {n: index + 1, wrong: found.wrong})}
    value.push(found.value)
  }
  return {value}
}

type Reader = (text: string, lang: string, type: FieldType) => unknown

const VALUES: {readonly [kind in Exclude<Kind, 'list'>]: Reader} = {
  // the server takes control signs and line breaks out
  text: String,
  story: String,
  quote: String,
  number: figure,
  percent: (text, lang) => figure(text.replace(/\s*[%٪]$/u, ''), lang),
  range: (text, lang, {low, high}) => {
    const number = figure(text, lang)
    return number !== null && low <= number && number <= high ? number : null
  },
  money: (text, lang) => {
    const {amount: figures, currency} = moneyParts(text)
    const amount = figure(figures.replace(/\p{Sc}/u, ''), lang)
    return amount === null ? null : {amount, currency}
  },
  date: (text) => {
    const date = plainDigits(text)
    const day = new Date(`${date.length === 7 ? `${date}-01` : date}T00:00Z`)
    const isDay = /^\d{4}-\d\d(-\d\d)?$/.test(date) && !Number.isNaN(day.getTime())
    // a browser takes the 31st of February for the third of March
    return isDay && !date.startsWith('0000') && day.toISOString().startsWith(date) ? date : null
  },
  email: (text) => {
    const address = text.normalize('NFKC').toLowerCase()
    const host = EMAIL.exec(address)?.[1] ?? ''
    return HOST.test(host) && !/\.\.|\.@/.test(address) ? address : null
  },
  phone: (text) => {
    const number = plainDigits(text).replace(/[\s().\-/\u2010-\u2015]/gu, '')
    return /^\+?\d{5,15}$/.test(number) ? number : null
  },
  url: (text) => {
    try {
      const {protocol, hostname, href, username} = new URL(
        /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`,
      )
      const isWeb = /^https?:$/.test(protocol) && HOST.test(hostname) && username === '' && href.length < 2000
      return isWeb ? href.replace(/^(\w+:\/\/[^/]+)\/$/, '$1') : null
    } catch {
      return null // no address at all
    }
  },
  choice: (text, _lang, {options}) => options.find((option) => option === text) ?? null,
}

/** The amount as it was written, with a sign if one stands at it, and the currency, US dollars if none is named. */
export function moneyParts(text: string): {readonly amount: string; readonly currency: string} {
  const [, before = text, code] = /^(.*[^A-Za-z]|)([A-Za-z]{3})$/s.exec(text) ?? []
  const [sign = ''] = /\p{Sc}/u.exec(before) ?? []
  return {amount: code ? before.trim() : before, currency: code?.toUpperCase() ?? SIGNS[sign] ?? 'USD'}
}

const WRONG: {readonly [kind in Kind]?: keyof English} = {
  number: 'wrongNumber',
  percent: 'wrongNumber',
  range: 'wrongRange',
  money: 'wrongMoney',
  choice: 'wrongChoice',
  date: 'wrongDate',
  email: 'wrongEmail',
  phone: 'wrongPhone',
  url: 'wrongUrl',
}

function wrong(type: FieldType, words: Words, lang: string): string {
  const {kind, low, high, options} = type
  const figures = new Intl.NumberFormat(lang)
  return fill(words[WRONG[kind] ?? 'wrongEmpty'], {
    low: figures.format(low),
    high: figures.format(high),
    example: kind === 'money' ? shown(type, {amount: 300, currency: 'USD'}, lang) : figures.format(40),
    choices: options.join(', '),
  })
}
