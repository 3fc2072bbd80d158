// The words of the interface: English is built in and complete, other languages are data that is loaded over it.

import type {start} from './en/start.ts'
import type {English} from './en.ts'

/** What the SDK and the gateway say comes in English with a code; a language may have words of its own for a code. */
export type Told = {
  readonly [key in `problem_${string}` | `notice_${string}` | `end_${string}`]?: string
}

/** Of one language; what is missing in it is said in English. */
export type Words = {readonly [key in keyof English]: string} & Told

/** What is said before the talk. */
export type FirstWords = {readonly [key in keyof typeof start]: string}

/** A problem, a notice, or how a call ended, as the SDK's view has them. */
export type Said =
  | {readonly code: string; readonly text: string; readonly by?: string; readonly action?: string}
  | {readonly reason: string; readonly text: string}

/** `{name}` in a sentence is replaced. */
export function fill(sentence: string, values: {readonly [name: string]: string | number}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/**
 * What was said in the words of this language; in English where it has none.
 *
 * One code may have more than one sentence: the one for whose doing it was comes first, then the one for what helps.
 */
export function told(words: Words, kind: 'problem' | 'notice' | 'end', said: Said): string {
  const key = `${kind}_${'reason' in said ? said.reason : said.code}` as const
  const [by, action] = 'reason' in said ? [] : [said.by, said.action]
  return (by && words[`${key}_${by}`]) || (action && words[`${key}_${action}`]) || words[key] || said.text
}
