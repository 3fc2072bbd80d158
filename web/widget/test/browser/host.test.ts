// The numbers that a page of somebody else's is promised, on a real server: before a tap, by a tap, and to the first sound.

import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {AGENT, House, launch, Site, Visitor} from '../../../sdk/test/browser/harness.ts'
import {silence} from '../../../sdk/test/browser/speech.ts'
import {tapped} from '../../../sdk/test/browser/tap.ts'
import {begin, type Costs, compare, costOf, hosts, least} from './cost.ts'

const VISITS = 5
/** An element with one button and nothing else; ours has a face, a style and a place above everything. */
const TIMES_THE_LEAST = 4
const SOUND_MS = 2000

let house: House
let site: Site
let browser: Browser
let costs: Costs

beforeAll(async () => {
  house = await House.open({open: `${AGENT}embed: {origins: ['*']}\n`})
  site = await Site.open(hosts(house.url))
  browser = await launch(await silence(house.folder))
  costs = await compare(browser, site.url, ['/without', '/least', '/bubble', '/inline'], VISITS, least)
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await house?.close()
})

function of(path: string) {
  const [found, without, least] = [costs[path], costs['/without'], costs['/least']]
  if (!found || !without || !least) throw new Error('want what was measured')
  return {found, without, least}
}

test.each(['/bubble', '/inline'])('%s before a tap: the loader and nothing else', (path) => {
  const {found, without} = of(path)
  expect({
    requests: found.requests - without.requests,
    listeners: found.listeners - without.listeners,
    longTasks: Math.max(0, found.longTasks - without.longTasks),
    shift: found.shift,
    stored: found.stored,
  }).toEqual({requests: 1, listeners: 1, longTasks: 0, shift: 0, stored: 0})
  expect(found.bytes - without.bytes).toBeLessThan(3500) // with its headers
})

test.each(['/bubble', '/inline'])('%s before a tap: work to stand there, and none from then on', (path) => {
  const {found, without, least} = of(path)
  const paid = found.work_ms - without.work_ms
  expect(paid).toBeLessThan(TIMES_THE_LEAST * Math.max(least.work_ms - without.work_ms, 0.5))
  expect(found.idle_ms - without.idle_ms).toBeLessThan(1)
})

test.each(['/bubble', '/inline'])('%s and a tap: nothing of the page moves', async (path) => {
  const cost = await costOf(browser, site.url + path, begin)
  expect({moved: cost.moved, stored: cost.stored}).toEqual({moved: 0, stored: 0})
  expect(cost.bytes).toBeLessThan(80_000)
})

test('from the tap to the first sound of the agent, where the microphone is allowed', async () => {
  const visitor = await Visitor.of(browser, {bypassCSP: true})
  await tapped(visitor.context)
  const page = await visitor.open(`${site.url}/bubble`)
  await begin(page)
  const took = await page.evaluate(async () => {
    const button = document.querySelector('viva-voce')?.shadowRoot?.querySelector<HTMLElement>('.begin .main')
    const {tap} = globalThis as unknown as {tap: {heard: Float32Array[]}}
    const began = performance.now()
    button?.click()
    for (let seen = 0; ; ) {
      const found = tap.heard.slice(seen).some((part) => part.some((sample) => Math.abs(sample) > 0.01))
      if (found) return performance.now() - began
      seen = tap.heard.length
      await new Promise((done) => requestAnimationFrame(done))
    }
  })
  expect(took).toBeLessThan(SOUND_MS)
  await visitor.close()
})
