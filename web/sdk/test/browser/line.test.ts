// What happens to a call when the page, the network or the server does not stay.

import {setTimeout as lasts} from 'node:timers/promises'
import type {Browser, Page} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {callSite, caption, fact, openHouse, talking} from './call_page.ts'
import {type House, launch, type Site, Visitor} from './harness.ts'
import type {Traffic} from './proxy.ts'
import {silence} from './speech.ts'
import {delays, expectWhole, heard, sentReply, tapped} from './tap.ts'
import {breaks, frames, said} from './wire.ts'

const HZ = 24_000
/** Chromium tells its console of every socket that fails, whatever the page makes of it. */
const LOST = /WebSocket connection to|ERR_CONNECTION|ERR_INTERNET_DISCONNECTED/

let house: House
let browser: Browser
let site: Site

beforeAll(async () => {
  house = await openHouse()
  site = await callSite(house.url)
  browser = await launch(await silence(house.folder))
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await house?.close()
})

/** The sockets of the call that a test has begun. */
let first = 0
const sockets = (): readonly Traffic[] => house.proxy.sockets.slice(first)

/** A page on which the agent has spoken for so many seconds. */
async function listening(visitor: Visitor, seconds: number): Promise<Page> {
  first = house.proxy.sockets.length
  await tapped(visitor.context)
  const page = await visitor.open(site.url)
  await talking(page)
  await playedUpTo(0, seconds * HZ)
  return page
}

/** Until so many samples of the greeting were heard, as the socket of this number was told. */
async function playedUpTo(socket: number, samples: number): Promise<void> {
  const most = () => Math.max(0, ...said(sockets()[socket]?.sent ?? [], 'played').map((played) => played.samples ?? 0))
  await expect.poll(most).toBeGreaterThan(samples)
}

/** What the second socket brought of the greeting came out, and began where it had been left. */
async function expectGoneOn(page: Page): Promise<void> {
  const [before, after] = sockets()
  const [hello] = said(after?.sent ?? [], 'hello')
  const [welcome] = said(after?.got ?? [], 'welcome')
  expect(hello?.reply).toBe(1)
  expect(welcome).toMatchObject({returned: true, call: said(before?.got ?? [], 'welcome')[0]?.call})
  // a page that is torn down may have said more than it has kept
  const played = said(before?.sent ?? [], 'played').filter(({reply}) => reply === 1)
  const left = Math.max(hello?.samples ?? 0, ...played.map(({samples}) => samples ?? 0))
  const [piece] = frames(after?.got ?? [])
  expect(piece?.reply).toBe(1)
  expect(piece?.position).toBeLessThanOrEqual(left)
  expect(piece?.position).toBeGreaterThan(left - HZ)
  await playedUpTo(1, left + 3 * HZ)
  const greeting = sentReply([...frames(before?.got ?? []), ...frames(after?.got ?? [])], 1)
  const from = Math.ceil((left / HZ) * 100)
  expectWhole(delays(greeting.slice(from, from + 250), await heard(page)))
}

test('a reload in the middle of a sentence: the same call, and what was not heard', async () => {
  const visitor = await Visitor.of(browser, {bypassCSP: true})
  const page = await listening(visitor, 1.5)
  await page.reload()
  await talking(page)
  await caption(page, 'agent', 'I am an AI')
  await expectGoneOn(page)
  await visitor.close()
})

test('five seconds offline: the same call, and nothing that the caller said is lost', async () => {
  const visitor = await Visitor.of(browser, {bypassCSP: true})
  const page = await listening(visitor, 1.5)
  house.proxy.cut()
  await visitor.context.setOffline(true)
  await expect.poll(() => page.evaluate(() => call.view.problems[0]?.code)).toBe('offline')
  await lasts(5_000)
  house.proxy.mend()
  await visitor.context.setOffline(false)
  await expect.poll(() => page.evaluate(() => call.view.screen)).toBe('talk')
  await expect.poll(() => said(sockets().at(-1)?.got ?? [], 'welcome').length).toBe(1)
  const after = sockets().at(-1)
  await expect.poll(() => frames(after?.sent ?? []).length).toBeGreaterThan(150)
  const [welcome] = said(after?.got ?? [], 'welcome')
  expect(frames(after?.sent ?? [])[0]?.position).toBe(welcome?.heard)
  expect(breaks(after?.sent ?? [])).toEqual([])
  await visitor.close(LOST)
})

test('a line that is cut again and again, with sound in flight: the server gets every sample of the microphone', async () => {
  const visitor = await Visitor.of(browser, {bypassCSP: true})
  await listening(visitor, 0.5)
  for (const [goodMs, lostMs] of [
    [330, 0],
    [910, 420],
    [150, 1_300],
    [620, 70],
  ] as const) {
    await lasts(goodMs)
    house.proxy.swallow()
    await lasts(lostMs)
    house.proxy.cut()
    house.proxy.mend()
    const welcomed = sockets().filter(({got}) => said(got, 'welcome').length > 0).length
    await expect.poll(() => sockets().filter(({got}) => said(got, 'welcome').length > 0).length).toBe(welcomed + 1)
    await expect.poll(() => frames(sockets().at(-1)?.sent ?? []).length).toBeGreaterThan(0)
  }
  const used = sockets().filter(({got}) => said(got, 'welcome').length > 0)
  let again = 0
  for (const [index, {sent, got}] of used.entries()) {
    expect(breaks(sent)).toEqual([])
    const [welcome] = said(got, 'welcome')
    expect(frames(sent)[0]?.position).toBe(index === 0 ? 0 : welcome?.heard)
    const before = frames(used[index - 1]?.sent ?? []).at(-1)
    if (before !== undefined) again += Math.max(0, before.position + before.pcm.length - (welcome?.heard ?? 0))
  }
  expect(used).toHaveLength(5)
  expect(again / 16, 'ms that were lost with their lines, and sent again').toBeGreaterThan(1_000)
  await visitor.close(LOST)
})

test('a server that is killed and begins anew goes on with the call', async () => {
  const visitor = await Visitor.of(browser)
  first = house.proxy.sockets.length
  const page = await visitor.open(site.url)
  await page.evaluate(() => call.setMode('text'))
  await talking(page, 'text')
  await caption(page, 'agent', 'I am an AI')
  const [begun] = said(sockets()[0]?.got ?? [], 'welcome')
  await house.stop('SIGKILL')
  await house.start()
  const welcomed = () => said(sockets().at(-1)?.got ?? [], 'welcome')[0]
  await expect.poll(welcomed, {timeout: 30_000}).toMatchObject({call: begun?.call, returned: true})
  await expect.poll(() => page.evaluate(() => [call.view.screen, call.view.problems])).toEqual(['text', []])
  await page.evaluate(() => call.type('about seven'))
  await fact(page, 'severity', 7)
  await visitor.close(LOST)
})

test('a page that stalls: ten times 200 ms and once 400 ms, and nobody hears it', async () => {
  const visitor = await Visitor.of(browser, {bypassCSP: true})
  const page = await listening(visitor, 0.5)
  await page.evaluate(async () => {
    for (const ms of [...Array<number>(10).fill(200), 400]) {
      const until = performance.now() + ms
      while (performance.now() < until);
      await new Promise((done) => setTimeout(done, 50))
    }
  })
  await playedUpTo(0, 5 * HZ)
  const [{sent, got} = {sent: [], got: []}] = sockets()
  expect(breaks(sent)).toEqual([])
  const faults = said(sent, 'health').flatMap((health) => health.faults ?? [])
  expect(faults.filter(({what}) => what === 'underrun')).toEqual([])
  // a machine with two cores, one of which the page holds, may drop a quantum (3 ms) of its fake device; nobody hears it
  expect(faults.filter(({what, ms = 0}) => what === 'gap' && ms > 6)).toEqual([])
  expect(faults.some(({what}) => what === 'stall' || what === 'long_task')).toBe(true)
  expectWhole(delays(sentReply(frames(got), 1).slice(0, 450), await heard(page)))
  await visitor.close()
})
