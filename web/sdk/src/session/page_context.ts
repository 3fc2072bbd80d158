// What a page tells of itself goes with the first message; a page that tells too much is cut to what servers take.

import {MAX_CONTEXT, MAX_CONTEXT_CHARS, MAX_CONTEXT_NAME_CHARS} from '../core/protocol.ts'

/** Without what is no text, or has no name or one that is too long; undefined when nothing is left. */
export function bounded(
  context: {readonly [name: string]: unknown} = {},
): {readonly [name: string]: string} | undefined {
  const told = Object.entries(context)
    .filter(([name, value]) => name !== '' && name.length <= MAX_CONTEXT_NAME_CHARS && typeof value === 'string')
    .slice(0, MAX_CONTEXT)
    // by characters, as the server counts: half of one could not be said in UTF-8
    .map(([name, value]) => [name, [...String(value)].slice(0, MAX_CONTEXT_CHARS).join('')])
  return told.length > 0 ? Object.fromEntries(told) : undefined
}
