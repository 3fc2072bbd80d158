// Loads the words of a language, a file of its own. English is there at once, and stays where a file does not come.

import {choose, type Direction, directionOf} from './choosing.ts'
import {english} from './en.ts'
import type {Words} from './words.ts'

/** Words with what the page has to say of them: `lang` and `dir` are of these words, not of those that were wished for. */
export interface Spoken {
  /** BCP 47. */
  readonly lang: string
  readonly dir: Direction
  readonly words: Words
}

export const inEnglish: Spoken = {lang: 'en', dir: 'ltr', words: english}

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
    const {default: data} = (await load(`${assets}viva-lang-${lang}.js`)) as {readonly default?: unknown}
    if (typeof data !== 'object' || data === null) return inEnglish
    return {lang, dir: directionOf(lang), words: over(data)}
  } catch {
    return inEnglish
  }
}

/** English with another language over it. The file may be of another version: only sentences that we say are taken. */
function over(data: object): Words {
  const known = Object.entries(data).filter(
    ([key, text]) => typeof text === 'string' && text !== '' && (key in english || TOLD.test(key)),
  )
  return {...english, ...Object.fromEntries(known)}
}
