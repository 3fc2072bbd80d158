// The language files as they lie in the tree.

import {readdirSync, readFileSync} from 'node:fs'

const FOLDER = new URL('../../src/words/languages/', import.meta.url)

/** The file of a language, with its `_state`. */
export type Sentences = {readonly [key: string]: string}

export const files: {readonly [language: string]: Sentences} = Object.fromEntries(
  readdirSync(FOLDER).map((name) => [
    name.replace(/\.json$/, ''),
    JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Sentences,
  ]),
)
