// A field's type as agent files write it (`0..10!`, `now|later`, `list<email>`), read as the server reads it.

const PLAIN = ['text', 'story', 'quote', 'number', 'percent', 'money', 'date', 'email', 'phone', 'url'] as const

export type Kind = (typeof PLAIN)[number] | 'range' | 'choice' | 'list'

export interface FieldType {
  readonly kind: Kind
  /** Bounds of a range. */
  readonly low: number
  readonly high: number
  /** Words of a choice. */
  readonly options: readonly string[]
  /** What a list holds; text where the list names its own things, as `list<company>` does. */
  readonly item: FieldType | null
}

const text: FieldType = {kind: 'text', low: 0, high: 0, options: [], item: null}

/** What is no type that we know is text: a newer server may have others. */
export function fieldType(written: string): FieldType {
  const bare = written.trim().replace(/\s*!$/, '')
  const plain = PLAIN.find((kind) => kind === bare)
  if (plain !== undefined) return {...text, kind: plain}
  const [, held] = /^list<(.*)>$/.exec(bare) ?? []
  if (held !== undefined) return {...text, kind: 'list', item: fieldType(held)}
  const [, low, high] = /^(-?[\d.]*\d) ?\.\. ?(-?[\d.]*\d)$/.exec(bare) ?? []
  if (low !== undefined) return {...text, kind: 'range', low: Number(low), high: Number(high)}
  if (bare.includes('|')) return {...text, kind: 'choice', options: bare.split('|').map((option) => option.trim())}
  return text
}

/** `team_size` as a person would write it: `Team size`. */
export function humanised(id: string): string {
  const said = id.replaceAll('_', ' ')
  return said.charAt(0).toUpperCase() + said.slice(1)
}
