// What a page pays, as it is built now.

import {execFileSync} from 'node:child_process'
import {resolve} from 'node:path'
import {expect, test} from 'vitest'

type Sizes = {readonly [part: string]: {readonly gzip: number; readonly budget: number}}

const WEB = resolve(import.meta.dirname, '../..')
/** What was wanted of the sound path and is not held: docs/explanation/browser-sound.md says so. */
const NOT_HELD = ['SDK', 'worklets and worker']

test('no part weighs more than it may', () => {
  const sizes: Sizes = JSON.parse(execFileSync('node', ['build.mjs', '--sizes'], {cwd: WEB, encoding: 'utf8'}))
  expect(Object.values(sizes).filter(({gzip}) => gzip < 500)).toEqual([]) // each of them is built
  const over = Object.keys(sizes).filter((part) => Number(sizes[part]?.gzip) > Number(sizes[part]?.budget))
  expect(over, JSON.stringify(sizes, null, 1)).toEqual(NOT_HELD)
})
