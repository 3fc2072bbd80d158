// The gallery as text: its page, its script and the words of its languages.

import {readFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {bundled} from '../../../sdk/test/browser/bundled.ts'

export const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gallery</title><link rel="icon" href="data:,"></head><body><script type="module" src="gallery.js"></script></body></html>
`

const LANGUAGES = resolve(import.meta.dirname, '../../src/words/languages')

export function script(): Promise<string> {
  return bundled(resolve(import.meta.dirname, 'main.ts'))
}

/** What stands under a path of the gallery; null when nothing does. */
export async function served(path: string): Promise<{readonly type: string; readonly body: string} | null> {
  if (path === '/') return {type: 'text/html', body: PAGE}
  if (path === '/gallery.js') return {type: 'text/javascript', body: await script()}
  const [, tag] = /^\/viva-lang-([a-z]{2})\.js$/.exec(path) ?? []
  if (tag === undefined) return null
  const words = await readFile(resolve(LANGUAGES, `${tag}.json`), 'utf8').catch(() => null)
  return words === null ? null : {type: 'text/javascript', body: `export default ${words}`}
}
