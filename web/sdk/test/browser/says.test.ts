// What a page does with a call beyond talking: it says when a turn is over, corrects, leaves while the line is down, has
// the call erased, and moves a face.

import type {Browser, Page} from 'playwright-core'
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest'
import {callSite, caption, fact, openHouse, talking} from './call_page.ts'
import {type House, launch, type Site, Visitor} from './harness.ts'
import {frames, said} from './wire.ts'

const HOLD_TO_TALK = 'call.pushToTalk(true)'

let house: House
let browser: Browser
let site: Site
let visitor: Visitor
let first = 0

beforeAll(async () => {
  house = await openHouse()
  browser = await launch() // its microphone beeps
  site = await callSite(house.url, {context: {'page.title': 'A shop'}})
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await house?.close()
})

beforeEach(() => {
  first = house.proxy.sockets.length
})

/** The newest socket of the call that a test has begun. */
const newest = () => house.proxy.sockets.slice(first).at(-1) ?? {sent: [], got: []}

/** A page whose call is on. */
async function begun(before = ''): Promise<Page> {
  visitor = await Visitor.of(browser)
  const page = await visitor.open(site.url)
  await page.evaluate(before)
  await talking(page)
  return page
}

/** Whether any of these frames of the microphone holds sound. */
const isHeard = (from: number) => frames(newest().sent).some(({at, pcm}) => at >= from && pcm.some((x) => x !== 0))

/** Until the server has ended the call that a test has begun, for this reason. */
async function endedAs(reason: string): Promise<void> {
  const [welcome] = said(house.proxy.sockets[first]?.got ?? [], 'welcome')
  const lines = () => house.log.split('\n').filter((line) => line.includes(String(welcome?.call)))
  await expect
    .poll(() =>
      lines()
        .filter((line) => line.includes('"call ended"'))
        .join(),
    )
    .toContain(`"${reason}"`)
}

test('who holds a key to talk is heard while it is down, and says when the turn is over', async () => {
  const page = await begun(HOLD_TO_TALK)
  await expect.poll(() => frames(newest().sent).length).toBeGreaterThan(60) // two seconds, with a beep in each
  expect(isHeard(0)).toBe(false)
  const pressedAt = performance.now()
  await page.evaluate(() => call.talk(true))
  await expect.poll(() => isHeard(pressedAt)).toBe(true)
  expect(said(newest().sent, 'done')).toEqual([])
  await page.evaluate(() => call.talk(false))
  await expect.poll(() => said(newest().sent, 'done')).toHaveLength(1)
  expect(said(newest().sent, 'hello')).toMatchObject([{context: {'page.title': 'A shop'}}])
  await visitor.close()
})

test('what was understood is corrected by hand; a value that does not fit changes nothing, and that is said', async () => {
  visitor = await Visitor.of(browser)
  const page = await visitor.open(site.url)
  await page.evaluate(() => call.setMode('text'))
  await talking(page, 'text')
  await page.evaluate(() => call.type('about seven'))
  await fact(page, 'severity', 7)
  await page.evaluate(() => call.correct('severity', 4))
  await fact(page, 'severity', 4)
  await page.evaluate(() => call.correct('severity', 'lots'))
  await expect.poll(() => page.evaluate(() => call.view.notices.map(({code}) => code))).toContain('bad_value')
  await fact(page, 'severity', 4)
  await visitor.close()
})

test('the bands of the agent’s voice move, and stand still when it is silent', async () => {
  const page = await begun(HOLD_TO_TALK)
  const most = await page.evaluate(async () => {
    const seen = [0, 0, 0]
    const until = performance.now() + 25_000
    while (performance.now() < until && seen.some((band) => band < 0.1)) {
      call.levels().bands.forEach((band, which) => {
        seen[which] = Math.max(seen[which] ?? 0, band)
      })
      await new Promise(requestAnimationFrame)
    }
    return seen
  })
  for (const band of most) {
    expect(band).toBeGreaterThanOrEqual(0.1)
    expect(band).toBeLessThanOrEqual(1)
  }
  await page.evaluate(() => call.leave())
  expect(await page.evaluate(() => call.levels())).toEqual({microphone: 0, agent: 0, bands: [0, 0, 0]})
  await visitor.close()
})

test('a server is told of who leaves while the line is down, as soon as there is a way', async () => {
  const page = await begun()
  house.proxy.cut()
  // until the next attempt is so far away that it is not that one which comes through
  await expect.poll(() => page.evaluate(() => call.view.retryInS)).toBeGreaterThan(1.5)
  house.proxy.mend()
  await page.evaluate(() => call.leave())
  await expect.poll(() => said(newest().sent, 'leave')).toHaveLength(1)
  expect(said(newest().sent, 'hello')).toHaveLength(1)
  await endedAs('caller_hung_up')
  await visitor.close(/WebSocket connection to|ERR_CONNECTION/)
})

test('a call is erased in the middle; it is over then, on the page as on the server', async () => {
  const page = await begun()
  await caption(page, 'agent', 'I am an AI')
  expect(await page.evaluate(() => call.view.mayErase)).toBe(true)
  expect(await page.evaluate(() => call.erase())).toBe(true)
  const view = await page.evaluate(() => call.view)
  expect(view).toMatchObject({screen: 'ended', ended: {reason: 'erased'}, captions: [], mayErase: false})
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  await endedAs('erased')
  expect(await page.evaluate(() => call.erase())).toBe(false)
  await visitor.close()
})
