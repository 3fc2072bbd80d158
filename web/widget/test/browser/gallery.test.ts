// Every state of the gallery is drawn: nothing breaks, nothing is blank, nothing is wider than a phone, and whatever can
// be pressed has a name. How it looks is for the visual tests.

import type {Browser, Page} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {launch, Site, Visitor} from '../../../sdk/test/browser/harness.ts'
import {PAGE, script} from '../gallery/gallery.html.ts'
import {STATES} from '../gallery/states.ts'

let site: Site
let browser: Browser
let visitor: Visitor
let page: Page

beforeAll(async () => {
  site = await Site.open({'/': PAGE, '/gallery.js': await script()})
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
