// What a page lets the agent know of itself: where the caller is and what the page's own author passed in. Nothing else
// of the page is ever read: no form, no text, no storage. The server filters it again by the agent's file.

import {MAX_CONTEXT, MAX_CONTEXT_CHARS, MAX_CONTEXT_NAME_CHARS} from '../../../sdk/src/core/protocol.ts'

/** What is looked at; of a real page by `pageOf`. */
export interface Page {
  readonly url: string
  readonly title: string
  /** BCP 47. */
  readonly lang: string
  /** Attributes of the element, by name. */
  readonly attributes: readonly (readonly [name: string, value: string])[]
}

/** By name: `page.*`, `utm.*`, and what the page's author passed in. */
export type Context = {readonly [name: string]: string}

const UTM = ['source', 'medium', 'campaign', 'term', 'content', 'id']
const PASSED = /^context-([a-z0-9_][a-z0-9_.-]*)$/
/** Only we say what these are. */
const OURS = /^(page|utm)\./
/** A long run of letters and digits, as in links to reset a password or to accept an invitation. */
const TOKEN = /(?=[a-z_]*\d)(?=\d*[a-z_])\w{20,}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/i

export function contextOf(page: Page): Context {
  const found: [string, string][] = [
    ['page.url', addressOf(page.url)],
    ['page.title', page.title],
    ['page.lang', page.lang],
    ...utmOf(page.url).map(([name, value]): [string, string] => [`utm.${name}`, value]),
    ...page.attributes.flatMap(passed),
  ]
  const kept = found.map(([name, value]): [string, string] => [name, plain(value)]).filter(([, value]) => value !== '')
  return Object.fromEntries(kept.slice(0, MAX_CONTEXT))
}

/** Origin and path, `utm_*` of the query, nothing else; "" of what is no web page: a file's path names its owner. */
function addressOf(text: string): string {
  const url = webPage(text)
  if (url === null) return ''
  const path = url.pathname
    .split('/')
    .map((part) => (isSecret(part) ? '*' : part))
    .join('/')
  const query = new URLSearchParams(utmOf(text).map(([name, value]) => [`utm_${name}`, value])).toString()
  return url.origin + path + (query && `?${query}`)
}

function utmOf(text: string): [string, string][] {
  const query = webPage(text)?.searchParams
  return UTM.map((name): [string, string] => [name, query?.get(`utm_${name}`) ?? '']).filter(
    ([, value]) => value !== '' && !isSecret(value),
  )
}

/** `context-plan` is `data.plan`; a name with a dot stands for itself, as in an agent's file: `context-cart.total`. */
function passed([attribute, value]: readonly [string, string]): [string, string][] {
  const name = PASSED.exec(attribute.toLowerCase())?.[1]
  if (name === undefined || OURS.test(name)) return []
  const full = name.includes('.') ? name : `data.${name}`
  return full.length > MAX_CONTEXT_NAME_CHARS ? [] : [[full, value]]
}

function webPage(text: string): URL | null {
  try {
    const url = new URL(text)
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
  } catch {
    return null
  }
}

/** Of a person or a key to something: an e-mail address, a token. */
function isSecret(part: string): boolean {
  let read = part
  try {
    read = decodeURIComponent(part)
  } catch {
    // a lone percent sign: it is read as it stands
  }
  return read.includes('@') || TOKEN.test(read)
}

/** One line, cut between characters, without what turns a line around or hides in it: text that no person sees. */
function plain(value: string): string {
  const line = value.replace(/[\p{Cc}\p{Cs}\s\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]+/gu, ' ').trim()
  if (line.length <= MAX_CONTEXT_CHARS) return line
  const cut = line.slice(0, MAX_CONTEXT_CHARS)
  return (/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut).trim()
}
