// What the screens are to those who do not see them, or see them badly: the rules of axe, by day and by night, and what
// a screen reader finds and is told. `UPDATE_LOOKS=1` keeps what it finds now; read it first.

import {readFile, writeFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import axe from 'axe-core'
import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {DAY, NIGHT, SCREENS} from '../looks/views.ts'
import {Gallery, launchSame} from './gallery_page.ts'

const SPOKEN = resolve(import.meta.dirname, '../looks/spoken.txt')
const GRAVE = ['serious', 'critical']
const update = process.env['UPDATE_LOOKS'] === '1'

let browser: Browser
let gallery: Gallery

beforeAll(async () => {
  browser = await launchSame()
  gallery = await Gallery.open(browser)
  await gallery.page.evaluate(axe.source)
})

afterAll(async () => {
  await gallery?.close()
  await browser?.close()
})

/** What is wrong on the page now, a line each. */
async function wrong(only: readonly string[] = []): Promise<readonly string[]> {
  const found = await gallery.page.evaluate(async (rules): Promise<readonly axe.Result[]> => {
    const {axe: checker} = globalThis as unknown as {readonly axe: typeof import('axe-core')}
    const wanted: axe.RunOptions = {resultTypes: ['violations']}
    if (rules.length > 0) wanted.runOnly = [...rules]
    return (await checker.run('viva-voce', wanted)).violations
  }, only)
  return found.flatMap(({id, impact, nodes}) =>
    nodes.map(({target, failureSummary}) => `${impact} ${id} ${target.flat().join(' ')}: ${failureSummary}`),
  )
}

test.each(DAY.map((it) => [it.state, it] as const))('%s keeps the rules', async (_, it) => {
  await gallery.show(it)
  expect(await wrong()).toEqual([])
})

test.each(NIGHT.map((it) => [it.state, it] as const))('%s is read by night', async (_, it) => {
  await gallery.show(it)
  expect(await wrong(['color-contrast'])).toEqual([])
})

test('the rules find what is wrong', async () => {
  await gallery.show(DAY.find(({state}) => state === 'talk-open') ?? expect.fail('want an open talk'))
  await gallery.page
    .locator('.head .sign')
    .first()
    .evaluate((button) => button.removeAttribute('aria-label'))
  await gallery.page.locator('.stage .state').evaluate((text: HTMLElement) => text.style.setProperty('color', '#ccc'))
  const found = await wrong()
  expect(found.filter((line) => GRAVE.some((impact) => line.startsWith(impact)))).toHaveLength(2)
})

/** Roles and names, and below them what tells of itself when it changes. */
async function spoken(): Promise<string> {
  const frame = gallery.page.locator('viva-voce .viva').first()
  const live = await frame.evaluate((root) =>
    [...root.querySelectorAll('[aria-live], [role=log], [role=status], [role=alert], output')]
      .filter((each) => each.getAttribute('aria-live') !== 'off')
      .map((each) => {
        const how = [each.getAttribute('role') ?? '', each.getAttribute('aria-live') ?? ''].filter(Boolean).join(' ')
        return `! ${how}: ${each.textContent?.replace(/\s+/g, ' ').trim()}`
      }),
  )
  return [await frame.ariaSnapshot(), ...live].join('\n')
}

test('a screen reader finds on each screen what it found when somebody last listened', async () => {
  const screens: string[] = []
  for (const it of DAY.filter(({state}) => SCREENS.includes(state))) {
    await gallery.show(it)
    screens.push(`# ${it.state}\n${await spoken()}\n`)
  }
  const now = screens.join('\n')
  if (update) await writeFile(SPOKEN, now)
  expect(now).toBe(await readFile(SPOKEN, 'utf8'))
})
