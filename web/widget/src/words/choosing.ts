// Which languages the interface has, and which of them a caller gets.

/** Each has its file in `languages/`, but for English, which is built in. */
export const LANGUAGES = [
  ...['ar', 'cs', 'da', 'de', 'en', 'es', 'fa', 'fi', 'fr', 'he', 'hi'],
  ...['id', 'it', 'ja', 'ko', 'nl', 'pl', 'pt', 'ru', 'tr', 'zh'],
] as const

export type Language = (typeof LANGUAGES)[number]

export type Direction = 'ltr' | 'rtl'

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set<Language>(['ar', 'fa', 'he'])

/**
 * The first of the wanted languages that there is; English when there is none.
 *
 * @param wanted BCP 47 tags as pages and browsers write them: `pt-BR`, `zh_Hant`, the old `iw` for Hebrew. Others are
 *   passed over: a page that says `lang="nb"` gets the browser's own language.
 */
export function choose(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = baseOf(tag)
    const found = LANGUAGES.find((one) => one === language)
    if (found !== undefined) return found
  }
  return 'en'
}

export function directionOf(language: string): Direction {
  return RIGHT_TO_LEFT.has(baseOf(language)) ? 'rtl' : 'ltr'
}

/** What a language calls itself: "Deutsch"; its tag where the browser does not know. */
export function ownName(language: Language): string {
  try {
    const name = new Intl.DisplayNames([language], {type: 'language'}).of(language) ?? language
    return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
  } catch {
    return language
  }
}

/** The language of a tag without script and country, by its present name; "" of what is no tag. */
function baseOf(tag: string): string {
  try {
    return new Intl.Locale(tag.trim().replaceAll('_', '-')).language
  } catch {
    return ''
  }
}
