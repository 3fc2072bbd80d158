// Every screen as it was when somebody last looked at it. `UPDATE_LOOKS=1` keeps how they look now; look at them first.

import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {keepsake, kept, MAY_STRAY, marked, shrunk, strays} from '../looks/picture.ts'
import {DAY, KEPT, type Look} from '../looks/views.ts'
import {Gallery, launchSame} from './gallery_page.ts'

const FOLDER = resolve(import.meta.dirname, '../looks')
const MAX_BYTES = 600_000
const update = process.env['UPDATE_LOOKS'] === '1'

let browser: Browser
let gallery: Gallery
let differing = ''

beforeAll(async () => {
  browser = await launchSame()
  gallery = await Gallery.open(browser)
})

afterAll(async () => {
  await gallery?.close()
  await browser?.close()
})

const nameOf = ({set, state}: Look): string => `${set}/${state}.png`

function look(state: string): Look {
  const found = DAY.find((each) => each.state === state)
  if (found === undefined) throw new Error(`want a state of the gallery, got ${state}`)
  return found
}

/** How many spots of the screen are not as they were kept. */
async function straying(it: Look, taken: Buffer): Promise<readonly number[] | null> {
  return strays(kept(await readFile(join(FOLDER, nameOf(it)))), shrunk(taken))
}

/** @returns where the picture as it is now, and what strays in it, are to be seen. */
async function leave(name: string, taken: Buffer, found: readonly number[] | null): Promise<string> {
  differing ||= await mkdtemp(join(tmpdir(), 'viva-looks-'))
  const path = join(differing, name)
  await mkdir(dirname(path), {recursive: true})
  await writeFile(path, taken)
  if (found !== null) await writeFile(path.replace(/png$/, 'differs.png'), marked(shrunk(taken), found))
  return path
}

test.each(KEPT.map((it) => [nameOf(it), it] as const))('%s', async (name, it) => {
  await gallery.show(it)
  const taken = await gallery.picture()
  const path = join(FOLDER, name)
  if (update) {
    await mkdir(dirname(path), {recursive: true})
    // what looks the same is not written anew
    const found = await straying(it, taken).catch(() => null)
    if (found?.length !== 0) await writeFile(path, keepsake(shrunk(taken)))
    return
  }
  const found = await straying(it, taken)
  const ok = found !== null && found.length <= MAY_STRAY
  const told = ok ? '' : `${found?.length ?? 'all'} spots are not as they were, see ${await leave(name, taken, found)}`
  expect(told).toBe('')
})

test('a picture is kept of what is looked at, of nothing else, and they are small', async () => {
  const wanted = KEPT.map(nameOf).sort()
  const files = (await readdir(FOLDER, {recursive: true})).filter((name) => name.endsWith('.png')).sort()
  const old = files.filter((name) => !wanted.includes(name))
  if (update) for (const name of old) await rm(join(FOLDER, name))
  else expect(old).toEqual([])
  const sizes = await Promise.all(wanted.map(async (name) => (await readFile(join(FOLDER, name))).length))
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_BYTES)
})

describe.skipIf(update)('the comparison', () => {
  const MOVED = 'translateX(8px)'
  /** What is seen when the style of the first of these is changed. */
  const changed = async (state: string, selector: string, style: 'transform' | 'visibility', value: string) => {
    const it = look(state)
    await gallery.show(it)
    await gallery.page
      .locator(selector)
      .first()
      .evaluate((element: HTMLElement, [name, to]) => element.style.setProperty(name, to), [style, value] as const)
    return (await straying(it, await gallery.picture()))?.length
  }

  test.each([
    ['start-ask', '.main'],
    ['talk-agent', '.controls button'],
    ['talk-agent', '.head .sign:last-child'],
    ['facts', '.change'],
    ['microphone-denied', '.buttons button:not(.main)'],
  ])('sees %s with %s moved by 8 px, and without it', async (state, selector) => {
    expect(await changed(state, selector, 'transform', MOVED)).toBeGreaterThan(MAY_STRAY)
    expect(await changed(state, selector, 'visibility', 'hidden')).toBeGreaterThan(MAY_STRAY)
  })

  test('lets letters through that another browser puts between pixels in another way', async () => {
    const other = await launchSame('--disable-font-subpixel-positioning', '--text-contrast=1', '--text-gamma=2.2')
    try {
      const there = await Gallery.open(other)
      for (const state of ['start-ask', 'facts', 'transcript', 'ended']) {
        await there.show(look(state))
        expect((await straying(look(state), await there.picture()))?.length, state).toBeLessThanOrEqual(MAY_STRAY)
      }
      await there.close()
    } finally {
      await other.close()
    }
  })
})
