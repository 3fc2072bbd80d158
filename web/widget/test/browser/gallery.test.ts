// Every state of the gallery is drawn: nothing breaks, nothing is blank, nothing is wider than a phone, and whatever can
// be pressed has a name. How it looks is for the visual tests.

import type {Browser, Page} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {launch, Site, Visitor} from '../../../sdk/test/browser/harness.ts'
import {PAGE, script, served} from '../gallery/gallery.html.ts'
import {STATES} from '../gallery/states.ts'

let site: Site
let browser: Browser
let visitor: Visitor
let page: Page

/** Those with the longest words of all. */
const WORDY = ['de', 'fi', 'fr', 'ru']

beforeAll(async () => {
  const words = WORDY.map(async (tag) => [`/viva-lang-${tag}.js`, (await served(`/viva-lang-${tag}.js`))?.body ?? ''])
  site = await Site.open({'/': PAGE, '/gallery.js': await script(), ...Object.fromEntries(await Promise.all(words))})
  browser = await launch()
  visitor = await Visitor.of(browser, {viewport: {width: 320, height: 640}, reducedMotion: 'reduce'})
  page = await visitor.open(site.url)
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
})

interface Drawn {
  readonly words: string
  /** Right edges of what stands out of the screen. */
  readonly wide: readonly string[]
  readonly nameless: readonly string[]
}

function drawn(): Promise<Drawn> {
  return page.evaluate(() => {
    const root = document.querySelector('viva-voce')?.shadowRoot
    const all = [...(root?.querySelectorAll<HTMLElement>('.viva *') ?? [])].filter((each) => each.checkVisibility())
    const told = (each: Element) =>
      `${each.tagName} ${each.getAttribute('class')} ${each.textContent?.trim().slice(0, 30)}`
    // what scrolls within itself may be wider inside
    const isClipped = (each: Element) => each.parentElement?.closest('svg, .unseen, table, [class*=scroll]') != null
    const wide = all.filter(
      (each) => each.getBoundingClientRect().right > innerWidth + 1 && !isClipped(each) && !each.matches('.unseen'),
    )
    const pressed = all.filter((each) => each.matches('button, a, input, textarea, select'))
    const nameless = pressed.filter((each) => {
      const labels = each instanceof HTMLInputElement || each instanceof HTMLTextAreaElement ? each.labels : null
      const label = labels?.[0]?.textContent ?? each.getAttribute('aria-labelledby') ?? ''
      return `${each.ariaLabel ?? ''}${each.textContent ?? ''}${label}`.trim() === ''
    })
    return {
      words: (root?.querySelector<HTMLElement>('.viva')?.innerText ?? '').trim(),
      wide: wide.map(told),
      nameless: nameless.map(told),
    }
  })
}

test.each(Object.keys(STATES))('%s', async (state) => {
  await page.goto(`${site.url}/?state=${state}`)
  await page.locator('body[data-drawn]').waitFor({state: 'attached'})
  const {words, wide, nameless} = await drawn()
  expect(words.length, 'words to read').toBeGreaterThan(20)
  expect(wide).toEqual([])
  expect(nameless).toEqual([])
  expect(visitor.problems).toEqual([])
})

test.each(WORDY)('what has to be read before a decision on the recording is not covered, in %s', async (tag) => {
  await page.setViewportSize({width: 375, height: 700})
  await page.goto(`${site.url}/?state=start-ask&lang=${tag}`)
  await page.locator('body[data-drawn]').waitFor({state: 'attached'})
  const covered = await page.evaluate(() => {
    const root = document.querySelector('viva-voce')?.shadowRoot
    const read = [...(root?.querySelectorAll('.told li span, .question b, .question small') ?? [])]
    const seen = (each: Element) => {
      const {left, right, top, bottom} = each.getBoundingClientRect()
      const corners = [
        [left + 2, top + 2],
        [right - 2, bottom - 2],
      ] as const
      return corners.every(([x, y]) => each.closest('li, .question')?.contains(root?.elementFromPoint(x, y) ?? null))
    }
    return {read: read.length, covered: read.filter((each) => !seen(each)).map((each) => each.textContent)}
  })
  expect(covered).toEqual({read: 5, covered: []})
  await page.setViewportSize({width: 320, height: 640})
})
