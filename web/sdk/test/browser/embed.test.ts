// The SDK on pages of other sites, whose policies are theirs.

import type {Browser, Frame, Page} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import type {VoiceCall} from '../../src/index.ts'
import {AGENT, House, launch, Site, Visitor} from './harness.ts'
import {silence} from './speech.ts'

declare const call: VoiceCall

const OPEN_TO_ALL = `${AGENT}embed: {origins: ['*']}\n`

let house: House
let browser: Browser

beforeAll(async () => {
  house = await House.open({'open-to-all': OPEN_TO_ALL})
  browser = await launch(await silence(house.folder))
})

afterAll(async () => {
  await browser?.close()
  await house?.close()
})

/** A page that has a call and a button; as a file, so that the strictest policy lets it in. */
const page = '<button>Talk</button><script type="module" src="/call.js"></script>'
const code = (server: string) => `
import {createCall} from '${server}/static/viva.js'
globalThis.call = createCall({agent: 'open-to-all', server: '${server}'})
document.querySelector('button').onclick = () => call.start()`

/** Until the view of the call on a page is so, and the agent has said something. */
async function seen(on: Page | Frame, wanted: {readonly [part: string]: string}): Promise<void> {
  const look = () =>
    on.evaluate(() => {
      const {screen, microphone, captions} = call.view
      return {screen, microphone, greeted: captions.length > 0}
    })
  await expect.poll(look).toMatchObject({...wanted, greeted: true})
}

test('a strict page of another site: no worker, no blob, no data; the call is held all the same', async () => {
  const socket = house.url.replace('http', 'ws')
  const policy = `default-src 'none'; script-src 'self' ${house.url}; connect-src ${house.url} ${socket}`
  const site = await Site.open({'/': page, '/call.js': code(house.url)}, {'Content-Security-Policy': policy})
  const visitor = await Visitor.of(browser)
  const there = await visitor.open(site.url)
  await there.getByRole('button').click()
  await seen(there, {screen: 'talk', microphone: 'live'})
  expect(await there.evaluate(() => call.health())).toMatchObject({worker: {way: 'page'}, audio: {way: 'file'}})
  await there.evaluate(() => call.leave())
  await seen(there, {screen: 'ended'})
  await visitor.close(/violates the following Content Security Policy|Failed to construct 'Worker'/)
  await site.close()
})

test('a page of another site without a policy runs its worker from a blob', async () => {
  const site = await Site.open({'/': page, '/call.js': code(house.url)})
  const visitor = await Visitor.of(browser)
  const there = await visitor.open(site.url)
  await there.getByRole('button').click()
  await seen(there, {screen: 'talk', microphone: 'live'})
  expect(await there.evaluate(() => call.health())).toMatchObject({worker: {way: 'blob'}, audio: {way: 'file'}})
  await visitor.close()
  await site.close()
})

test('a frame that the microphone is kept from says so, and types', async () => {
  const inner = await Site.open({'/': page, '/call.js': code(house.url)})
  const outer = await Site.open({'/': `<iframe src="${inner.url.replace('localhost', '127.0.0.1')}"></iframe>`})
  const visitor = await Visitor.of(browser)
  const there = await visitor.open(outer.url)
  const frame = there.frames()[1]
  if (frame === undefined) throw new Error('want a frame')
  await frame.getByRole('button').click()
  await seen(frame, {screen: 'text', microphone: 'blocked'})
  const [problem] = await frame.evaluate(() => call.view.problems)
  expect(problem).toMatchObject({code: 'microphone_blocked', action: 'open_tab'})
  await frame.evaluate(() => call.type('about seven'))
  await expect.poll(() => frame.evaluate(() => call.view.captions.map(({text}) => text))).toContain('about seven')
  await visitor.close(/Permissions policy violation/)
  await outer.close()
  await inner.close()
})

test('a sandboxed frame without an origin: no storage, no microphone, a worker from a data URL; it is a call by text', async () => {
  const booked = await fetch(`${house.url}/api/v1/calls`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({agent: 'open-to-all'}),
  })
  const {ticket} = (await booked.json()) as {readonly ticket: string}
  const ticketed = code(house.url).replace("agent: 'open-to-all'", `ticket: '${ticket}'`)
  const inline = `<button>Talk</button><script type="module">${ticketed}</script>`
  const site = await Site.open({
    '/': `<iframe sandbox="allow-scripts" allow="microphone" src="/frame"></iframe>`,
    '/frame': inline,
  })
  const visitor = await Visitor.of(browser)
  const there = await visitor.open(site.url)
  const frame = there.frames()[1]
  if (frame === undefined) throw new Error('want a frame')
  await frame.getByRole('button').click()
  await seen(frame, {screen: 'text', microphone: 'blocked'})
  expect(await frame.evaluate(() => call.health())).toMatchObject({worker: {way: 'data'}})
  await frame.evaluate(() => call.type('about seven'))
  await expect.poll(() => frame.evaluate(() => call.view.captions.map(({text}) => text))).toContain('about seven')
  await visitor.close()
  await site.close()
})
