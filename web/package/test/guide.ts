// Pages of the docs as somebody follows them: their blocks of code, in order.

import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../../..')

export interface Block {
  /** html, jsx, js, console or yaml */
  readonly kind: string
  readonly text: string
}

/** The blocks of a page under `docs`. */
export async function blocksOf(path: string): Promise<Block[]> {
  const page = await readFile(join(ROOT, 'docs', path), 'utf8')
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind = '', text = '']) => ({kind, text}))
}

/** The commands of a block, without what they print. */
export function commandsOf({text}: Block): string[] {
  return [...text.matchAll(/^\$ (.*)$/gm)].map(([, command = '']) => command)
}
