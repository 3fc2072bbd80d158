// The server's frame page in pages of other sites: what it may there, and what a visitor sees where it may not be.

import type {Browser, Frame, Page} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {AGENT, House, launch, Site, Visitor} from '../../../sdk/test/browser/harness.ts'
import {button, caption, screen, typedTalk, write} from './talk_page.ts'

const pages: Record<string, string> = {}
let site: Site
let house: House
let browser: Browser

beforeAll(async () => {
  site = await Site.open(pages)
  const agents = {
    open: `${AGENT}embed: {origins: ['${site.url}', '${other(site.url)}']}\n`,
    closed: `${AGENT}embed: {origins: [other.example]}\n`,
  }
  // with a key, nobody talks but those whom a pass lets in
  house = await House.open(agents, {
    VIVA_API_KEY: 'a-key-for-the-tests-only',
    VIVA_CALLS_PER_ADDRESS: '0',
    VIVA_VISITOR_BOOKINGS_PER_MINUTE: '0',
  })
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await house?.close()
  await site?.close()
})

/** The same pages, of another origin. */
function other(url: string): string {
  return url.replace('localhost', '127.0.0.1')
}

/** A page of another site with our frame in it. */
async function framed(
  agent: string,
  attributes: string,
): Promise<{page: Page; frame: Frame; close(...expected: RegExp[]): Promise<void>}> {
  pages['/'] = `<iframe src="${house.url}/embed/${agent}" width="400" height="640" ${attributes}></iframe>`
  const visitor = await Visitor.of(browser)
  const page = await visitor.open(site.url)
  const frame = page.frames()[1]
  if (frame === undefined) throw new Error('want a frame')
  const close = (...expected: RegExp[]) => visitor.close(...expected)
  return {page, frame, close}
}

/** What the frame's page gets when it asks for the microphone. */
function microphone(frame: Frame): Promise<string> {
  return frame.evaluate(async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({audio: true})
      for (const track of stream.getTracks()) track.stop()
      return 'given'
    } catch (error) {
      return error instanceof Error ? error.name : 'refused'
    }
  })
}

/** What the server answers when the frame's page books, with and without the pass that it carries. */
function book(frame: Frame, server: string, withPass: boolean): Promise<number | string> {
  return frame.evaluate(
    async ([at, carries]) => {
      const pass = carries ? document.querySelector('viva-voce')?.getAttribute('pass') : ''
      try {
        const answer = await fetch(`${at}/api/v1/calls`, {
          method: 'POST',
          headers: {'content-type': 'application/json'},
          body: JSON.stringify({agent: 'open', pass}),
        })
        return answer.status
      } catch {
        return 'unreadable'
      }
    },
    [server, withPass] as const,
  )
}

/** Whether the widget has drawn something for a visitor to read. */
function drawn(frame: Frame): Promise<boolean> {
  return frame.evaluate(() => /\w/.test(document.querySelector('viva-voce')?.shadowRoot?.textContent ?? ''))
}

test('a frame that the microphone is handed to has it, and books by its pass', async () => {
  const {frame, close} = await framed('open', 'allow="microphone"')
  await expect.poll(() => drawn(frame)).toBe(true)
  expect(await microphone(frame)).toBe('given')
  expect(await book(frame, house.url, true)).toBe(201)
  expect(await book(frame, house.url, false)).toBe(403)
  await close(/status of 403/)
})

test('a frame that it is not handed to has none, and books all the same', async () => {
  const {frame, close} = await framed('open', '')
  await expect.poll(() => drawn(frame)).toBe(true)
  expect(await microphone(frame)).toBe('NotAllowedError')
  expect(await book(frame, house.url, true)).toBe(201)
  await close(/permissions policy/i)
})

test('a sandboxed frame has no origin: its files load, and its pass is what it books by', async () => {
  const {frame, close} = await framed('open', 'allow="microphone" sandbox="allow-scripts"')
  await expect.poll(() => drawn(frame)).toBe(true)
  expect(await frame.evaluate(() => origin)).toBe('null')
  expect(await book(frame, house.url, true)).toBe(201)
  expect(await book(frame, house.url, false)).toBe('unreadable')
  await close(/has been blocked by CORS policy|net::ERR_FAILED/)
})

test('a site that is not listed is told so in words, with a way on', async () => {
  const {frame, close} = await framed('closed', '')
  await expect.poll(() => frame.locator('h1').textContent()).toBe('Not on this site')
  expect(await frame.locator('a').getAttribute('href')).toBe(`${house.url}/t/closed`)
  await close(/status of 403/)
})

test('a site that is not listed and hides its name gets nothing at all', async () => {
  const {frame, close} = await framed('closed', 'referrerpolicy="no-referrer"')
  await expect.poll(() => frame.url()).toMatch(/^chrome-error:/)
  await close(/frame-ancestors|net::ERR/)
})

test('where a frame has no microphone, a tab of its own is open to the same visitor', async () => {
  const {page, frame, close} = await framed('open', '')
  const card = JSON.parse((await frame.locator('viva-voce').getAttribute('card')) ?? '{}')
  const tab = await page.context().newPage()
  await tab.goto(card.page)
  expect(new URL(tab.url()).pathname).toBe('/t/open')
  await expect.poll(() => drawn(tab.mainFrame())).toBe(true)
  expect(await microphone(tab.mainFrame())).toBe('given')
  expect(await book(tab.mainFrame(), house.url, true)).toBe(201)
  await close()
})

test.each([
  ['that the microphone is kept from', ''],
  ['in a sandbox, of no origin', 'allow="microphone" sandbox="allow-scripts"'],
])('a frame %s: a whole talk by typing', async (_, attributes) => {
  const {frame, close} = await framed('open', attributes)
  await typedTalk(frame)
  // a worker is tried, and done without; a browser reports the trial
  await close(/Creating a worker from|Failed to construct 'Worker'/)
})

test('a frame in a frame, the outer of which keeps the microphone: a whole talk by typing', async () => {
  pages['/inner'] = `<iframe src="${house.url}/embed/open" allow="microphone"></iframe>`
  pages['/'] = `<iframe src="${other(site.url)}/inner"></iframe>`
  const visitor = await Visitor.of(browser)
  const page = await visitor.open(site.url)
  const frame = page.frames()[2]
  if (frame === undefined) throw new Error('want a frame in a frame')
  expect(await microphone(frame)).toBe('NotAllowedError')
  await typedTalk(frame)
  await visitor.close(/permissions policy/i)
})

test('a frame without microphone and pop-ups: why, typing, and the address to copy', async () => {
  const {page, frame, close} = await framed('open', 'sandbox="allow-scripts allow-same-origin"')
  await button(frame, 'Talk').click()
  await button(frame, 'Talk in a new tab').click()
  await frame.locator('summary').click()
  await frame.getByText(`${house.url}/t/open`).first().waitFor()
  expect(page.context().pages()).toHaveLength(1)
  await caption(frame, 'agent').waitFor()
  await write(frame, 'about seven')
  await caption(frame, 'caller', 'about seven').waitFor()
  await close(/permissions policy|allow-popups/i)
})

test('messages of whoever is not the page around a frame are nothing to it', async () => {
  const {page, frame, close} = await framed('open', '')
  await button(frame, 'Type instead').click()
  await caption(frame, 'agent').waitFor()
  await page.evaluate(async () => {
    const beside = document.createElement('iframe')
    document.body.append(beside)
    const forger = beside.contentWindow as unknown as {eval(code: string): void}
    forger.eval(`for (let n = 0; n < 500; n++)
      for (const kind of ['end', 'close', 'open', '__proto__', n, null])
        parent.frames[0].postMessage({source: 'vivavoce', kind}, '*')`)
    for (const data of [
      'end',
      null,
      [],
      {source: 'vivavoce'},
      {source: 'others', kind: 'end'},
      {source: 'vivavoce', kind: {}},
    ])
      frames[0]?.postMessage(data, '*')
  })
  await write(frame, 'about seven')
  await caption(frame, 'caller', 'about seven').waitFor()
  await page.evaluate(() => frames[0]?.postMessage({source: 'vivavoce', kind: 'end'}, '*'))
  await screen(frame, 'ended').waitFor()
  await close()
})
