// Lengths of time in a language's own words: "30 days".

/** What is less than a day is told in hours. */
export function lasting(amount: number, unit: 'day' | 'minute' | 'second', lang: string): string {
  const isShort = unit === 'day' && amount > 0 && amount < 1
  const told = {style: 'unit', unit: isShort ? 'hour' : unit, unitDisplay: 'long'} as const
  return new Intl.NumberFormat(lang, told).format(Math.ceil(isShort ? amount * 24 : amount))
}

/** Some things in one sentence: "sound: 30 days, words: 90 days". */
export function listed(items: readonly string[], lang: string): string {
  return new Intl.ListFormat(lang, {type: 'conjunction', style: 'narrow'}).format(items)
}
