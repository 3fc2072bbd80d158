// A whole conversation by the keyboard alone: whatever there is can be reached and is seen to have the focus.

import type {Browser, Page} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {AGENT, House, launch, Visitor} from '../../../sdk/test/browser/harness.ts'
import {silence} from '../../../sdk/test/browser/speech.ts'
import {frames, said} from '../../../sdk/test/browser/wire.ts'
import {button, caption, fact, focused, screen} from './talk_page.ts'

let house: House
let browser: Browser

beforeAll(async () => {
  house = await House.open({asking: AGENT.replace('two-questions', 'asking').replace('record: never', 'record: ask')})
  browser = await launch(await silence(house.folder))
})

afterAll(async () => {
  await browser?.close()
  await house?.close()
})

/** Of what has the focus: whether it stands on the screen, and a line around it or around what holds it says so. */
function isSeen(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const element = document.activeElement?.shadowRoot?.activeElement
    if (!element) return false
    const {left, right, top, bottom} = element.getBoundingClientRect()
    const isInside = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight
    const marked = [element, element.parentElement, element.closest('label')].some((each) => {
      const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(each ?? element)
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'
    })
    return isInside && marked
  })
}

const MOST = 40

/** Presses Tab until this has the focus. Past the last one the browser's own buttons have it, once. */
async function reach(page: Page, name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  let lost = 0
  for (let presses = 0; presses < MOST; presses += 1) {
    const found = await focused(page)
    if (found.includes(name)) return
    await page.keyboard.press(key)
    if (await page.evaluate(() => document.activeElement === document.body)) lost += 1
    else expect([await focused(page), await isSeen(page)]).toEqual([expect.any(String), true])
    expect(lost, 'the focus').toBeLessThan(2)
  }
  throw new Error(`want ${name} within ${MOST} presses of ${key}, got ${await focused(page)}`)
}

async function press(page: Page, name: string): Promise<void> {
  await reach(page, name)
  await page.keyboard.press('Enter')
}

test('a whole conversation: consent, voice, mute, hold to talk, a fact, a text, the end, deleting', async () => {
  const visitor = await Visitor.of(browser, {viewport: {width: 1280, height: 900}, reducedMotion: 'reduce'})
  const page = await visitor.open(`${house.url}/t/asking`)
  await button(page, 'Talk').waitFor()
  const wire = () => house.proxy.sockets.at(-1) ?? {sent: [], got: []}

  await reach(page, 'My voice may be recorded')
  await page.keyboard.press('Space')
  expect(await page.getByRole('checkbox').isChecked()).toBe(true)
  await reach(page, 'Talk', 'Shift+Tab')
  await press(page, 'Type instead')
  await screen(page, 'text').waitFor()
  await caption(page, 'agent').waitFor()
  expect(said(wire().sent, 'consent')).toMatchObject([{decision: 'given'}])
  await press(page, 'Talk instead')
  await screen(page, 'talk').waitFor()
  await button(page, 'Mute').waitFor()

  await press(page, 'Mute')
  await expect.poll(() => focused(page)).toBe('Unmute')
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toBe('Mute')

  await press(page, 'Push to talk')
  await reach(page, 'Hold to talk')
  await page.keyboard.down('Space')
  await expect.poll(() => focused(page)).toBe('Stop talking')
  const before = frames(wire().sent).length
  await expect.poll(() => frames(wire().sent).length).toBeGreaterThan(before + 20)
  await page.keyboard.up('Space')
  await expect.poll(() => focused(page)).toBe('Hold to talk')

  await press(page, 'Severity')
  await expect.poll(() => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.tagName)).toBe('INPUT')
  await page.keyboard.type('7')
  await page.keyboard.press('Enter')
  await fact(page, 'Severity', '7').waitFor()
  await expect.poll(() => focused(page)).toContain('Severity')

  await reach(page, 'Type your answer')
  await page.keyboard.type('three hundred euros')
  await page.keyboard.press('Enter')
  await caption(page, 'caller', 'three hundred euros').waitFor()
  expect(await focused(page)).toBe('Type your answer')

  await press(page, 'More')
  await page.keyboard.press('ArrowDown')
  expect(await focused(page)).toBe('Transcript')
  await page.keyboard.press('Escape')
  await expect.poll(() => focused(page)).not.toBe('')
  await press(page, 'End the talk')
  await screen(page, 'ended').waitFor()
  await expect.poll(() => focused(page)).toBe('Start a new talk')

  await press(page, 'More')
  await press(page, 'Delete this talk')
  await press(page, 'Delete')
  await page.getByRole('heading', {name: 'Deleted'}).waitFor()
  await expect.poll(() => focused(page)).not.toBe('')
  await visitor.close()
})
