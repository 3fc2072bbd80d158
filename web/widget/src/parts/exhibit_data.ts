// What a tool or the agent wants to show, read as what can be drawn. It comes from a model and from the web: only its
// shape counts, not what it says it is, and none of it is trusted.

export type Cell = string | number | null

export type Exhibit =
  | {
      readonly kind: 'table'
      readonly columns: readonly string[]
      readonly rows: readonly (readonly Cell[])[]
      readonly of: number
    }
  | {readonly kind: 'sum'; readonly rows: readonly SumRow[]; readonly notes: readonly string[]; readonly of: number}
  /** `url` is null when it was none that may be opened. */
  | {readonly kind: 'link'; readonly url: string | null; readonly label: string}
  | {readonly kind: 'text'; readonly text: string; readonly isCut: boolean}
  | {readonly kind: 'nothing'}

export interface SumRow {
  readonly label: string
  readonly value: number | null
  /** Stands where there is no number, such as "never". */
  readonly word: string
  /** A currency, `%`, or a word. */
  readonly unit: string
  readonly source: string
}

const MAX_ROWS = 50
const MAX_COLUMNS = 12
const MAX_CELL = 300
const MAX_TEXT = 4000

type Values = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown, most = MAX_CELL): string {
  if (typeof value === 'string') return value.slice(0, most)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value))
    return value
      .slice(0, MAX_COLUMNS)
      .map((it) => text(it))
      .join(', ')
      .slice(0, most)
  return isRecord(value) ? text(Object.values(value), most) : ''
}

function cell(value: unknown): Cell {
  return typeof value === 'number' ? value : value === null || value === undefined ? null : text(value)
}

/** An address that a browser may be sent to: http and https, and no name and password in it. */
export function webAddress(value: unknown): string | null {
  try {
    const url = new URL(text(value, MAX_TEXT).trim())
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
    return isWeb && url.username === '' && url.password === '' ? url.href : null
  } catch {
    return null
  }
}

/** @param data `data` of a `show` message. */
export function exhibitOf(data: unknown): Exhibit {
  if (Array.isArray(data)) return tableOf({rows: data})
  if (!isRecord(data)) return linkOrText(data)
  const rows = list(data['rows'])
  if (rows.length > 0) return rows.every((row) => isRecord(row) && 'label' in row) ? sumOf(data) : tableOf(data)
  if ('url' in data) {
    const url = webAddress(data['url'])
    return {kind: 'link', url, label: text(data['label']) || text(data['title']) || text(data['text'])}
  }
  if (text(data['text'])) return linkOrText(data['text'])
  const known = Object.entries(data).filter(([, value]) => text(value) !== '')
  return known.length > 0 ? tableOf({rows: known}) : {kind: 'nothing'}
}

function linkOrText(value: unknown): Exhibit {
  const whole = text(value, MAX_TEXT + 1)
  const url = /\s/.test(whole.trim()) ? null : webAddress(whole)
  if (url !== null) return {kind: 'link', url, label: ''}
  return whole.trim() === ''
    ? {kind: 'nothing'}
    : {kind: 'text', text: whole.slice(0, MAX_TEXT), isCut: whole.length > MAX_TEXT}
}

/** Rows are lists, or records that name their columns themselves, or single values. */
function tableOf(data: Values): Exhibit {
  const all = list(data['rows'])
  const keys = Object.keys(all.find(isRecord) ?? {}).slice(0, MAX_COLUMNS)
  const columns = keys.length > 0 ? keys : list(data['columns']).slice(0, MAX_COLUMNS)
  const rows = all.slice(0, MAX_ROWS).map((row) => {
    if (isRecord(row)) return keys.map((name) => cell(row[name]))
    return (Array.isArray(row) ? row : [row]).slice(0, MAX_COLUMNS).map(cell)
  })
  return rows.length === 0
    ? {kind: 'nothing'}
    : {kind: 'table', columns: columns.map((name) => text(name)), rows, of: all.length}
}

function sumOf(data: Values): Exhibit {
  const all = list(data['rows']).filter(isRecord)
  const rows = all.slice(0, MAX_ROWS).map((row) => {
    const value = row['value']
    const number = typeof value === 'number' ? value : null
    return {
      label: text(row['label']),
      value: number,
      word: text(row['word']) || (number === null ? text(value) : ''),
      unit: text(row['unit'], 20),
      source: text(row['source'], 40),
    }
  })
  const notes = [...list(data['notes']), ...list(data['sources'])].slice(0, MAX_COLUMNS).map((it) => text(it))
  return {kind: 'sum', rows, notes, of: all.length}
}
