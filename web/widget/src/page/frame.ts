// What a frame of ours and the page around it say to each other.

/** What a page may ask of a talk in its frame. */
export type Wish = 'open' | 'close' | 'end'

const WISHES: readonly unknown[] = ['open', 'close', 'end'] satisfies Wish[]

export function told(kind: string, more: object): object {
  return {...more, source: 'vivavoce', kind}
}

/** What was asked; null of whatever else comes along, and pages post a lot. */
export function heard(data: unknown): Wish | null {
  if (typeof data !== 'object' || data === null) return null
  const {source, kind} = data as {readonly source?: unknown; readonly kind?: unknown}
  return source === 'vivavoce' && WISHES.includes(kind) ? (kind as Wish) : null
}
