// Loads the words of a language, a file of its own. English is there at once, and stays where a file does not come.

import {choose, type Direction, directionOf} from './choosing.ts'

/** The language of the words, with what it has in place of English ones. */
export interface Spoken {
  /** BCP 47; of these words, not of those that were wished for. */
  readonly lang: string
  readonly dir: Direction
  readonly own: object
}

export const inEnglish: Spoken = {lang: 'en', dir: 'ltr', own: {}}

const TOLD = /^(problem|notice|end)_/

/**
 * The words of the first of the wanted languages that there is. Never fails: what cannot be had is said in English.
 *
 * @param assets the folder of the served files, ending in a slash.
 */
export async function loadWords(
  wanted: readonly string[],
  assets: string,
  load: (url: string) => Promise<unknown> = (url) => import(/* @vite-ignore */ /* webpackIgnore: true */ url),
): Promise<Spoken> {
  const lang = choose(wanted)
  if (lang === 'en') return inEnglish
  try {
    const {default: own} = (await load(`${assets}viva-lang-${lang}.js`)) as {readonly default?: unknown}
    return typeof own === 'object' && own !== null ? {lang, dir: directionOf(lang), own} : inEnglish
  } catch {
    return inEnglish
  }
}

/** English with another language over it. Its file may be of another version: only sentences that we say are taken. */
export function over<English extends object>(english: English, {own}: Spoken): English {
  const known = Object.entries(own).filter(
    ([key, text]) => typeof text === 'string' && text !== '' && (key in english || TOLD.test(key)),
  )
  return {...english, ...Object.fromEntries(known)}
}
