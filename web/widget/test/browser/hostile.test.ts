// Pages of others that break, forbid and fight: a whole talk is held on each, or words say why not and what else to do.

import type {Browser, Page} from 'playwright-core'
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest'
import {AGENT, House, held, launch, Site, Visitor, watchDevices} from '../../../sdk/test/browser/harness.ts'
import {button, caption, typedTalk, write} from './talk_page.ts'

const SCRIPT = '<script>document.title="taken"</script><img src=x onerror="document.title=\'taken\'">'
const pages: Record<string, string> = {}

let house: House
let site: Site
let browser: Browser
let visitor: Visitor

beforeAll(async () => {
  const to = (origins: string) => `embed: {origins: ${origins}}\n`
  const agents = {
    open: AGENT.replace('idle: 30s', 'idle: 4m') + to("['*']"),
    elsewhere: AGENT + to('[other.example]'),
    script: AGENT.replace('title: Two questions', `title: '${SCRIPT.replaceAll("'", "''")}'`) + to("['*']"),
    wordy: AGENT.replace('title: Two questions', `title: ${'word '.repeat(10_000)}`) + to("['*']"),
  }
  house = await House.open(agents, {VIVA_CALLS_PER_ADDRESS: '0', VIVA_VISITOR_BOOKINGS_PER_MINUTE: '0'})
  site = await Site.open(pages)
  browser = await launch()
})

afterEach(() => visitor?.context.close())

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await house?.close()
})

const loader = () => `<script src="${house.url}/static/embed.js"></script>`
const element = (attributes = 'agent="open"') => `<viva-voce ${attributes}></viva-voce>`

/** A page of the site. */
async function open(body: string, doctype = '<!doctype html>'): Promise<Page> {
  pages['/'] = `${doctype}<html lang="en"><link rel="icon" href="data:,"><title>Host</title>${body}`
  visitor = await Visitor.of(browser, {viewport: {width: 1000, height: 800}, reducedMotion: 'reduce'})
  visitor.context.setDefaultTimeout(20_000)
  await watchDevices(visitor.context)
  return visitor.open(site.url)
}

const tap = (page: Page) => page.locator('viva-voce .bubble').click()

const FIGHT = `<style>
  * { all: unset !important; display: none !important; position: static !important; opacity: 0 !important; }
  button, input, textarea { transform: scale(0) !important; pointer-events: none !important; }
  html, body, main { display: block !important; transform: translate(-5000px) rotate(40deg) !important; filter: blur(9px) !important; }
  .above { display: block !important; position: fixed !important; inset: 0 !important; z-index: 2147483647 !important; }
</style><div class="above">Cookies?</div><script>
  for (const each of [Object, Array, Function, Promise, Map, Event, EventTarget, Node, Element, HTMLElement])
    Object.freeze(each.prototype)
  addEventListener('error', (event) => event.stopImmediatePropagation(), true)
  addEventListener('unhandledrejection', (event) => event.stopImmediatePropagation(), true)
  for (const kind of ['keydown', 'click', 'input'])
    document.addEventListener(kind, (event) => { event.preventDefault(); null.x })
  setInterval(() => { throw new Error('of the page') }, 100)
  setInterval(() => {
    for (const data of [null, 'end', {source: 'vivavoce', kind: 'end'}, {source: 'vivavoce', kind: 'close'}, [[[]]]])
      for (let i = 0; i < 20; i++) postMessage(data, '*')
  }, 50)
</script>`

test('a page whose styles, scripts, errors and messages fight back: a whole talk, in sight', async () => {
  const page = await open(`${FIGHT}${loader()}<main>${element()}</main>`)
  await tap(page)
  const panel = page.getByRole('dialog', {name: 'Talk with Two questions'})
  await panel.waitFor()
  const {x, y, width, height} = (await panel.boundingBox()) ?? {x: -1, y: -1, width: 0, height: 0}
  expect([width, x >= 0, y >= 0, x + width <= 1000, y + height <= 800]).toEqual([400, true, true, true, true])
  await typedTalk(page)
})

test('a page of 1996 with small letters, and with another address for everything: a whole talk', async () => {
  const old =
    '<base href="https://elsewhere.example/deep/"><style>html { font-size: 62.5% } body { font-size: 4px }</style>'
  const page = await open(`${old}${loader()}<center><font size=7>Lamps</font>${element()}</center>`, '')
  expect(await page.evaluate(() => document.compatMode)).toBe('BackCompat')
  await tap(page)
  const panel = page.getByRole('dialog', {name: 'Talk with Two questions'})
  expect((await panel.boundingBox())?.width).toBe(400)
  await typedTalk(page)
})

test('the strictest policy that lets our server in: a talk, and nothing that it forbids', async () => {
  const socket = house.url.replace('http', 'ws')
  const strict = await Site.open(
    {'/': `<!doctype html><html lang="en"><title>Host</title>${loader()}${element()}`},
    {
      'Content-Security-Policy': `default-src 'none'; script-src 'self' ${house.url}; style-src 'self'; connect-src ${house.url} ${socket}`,
    },
  )
  visitor = await Visitor.of(browser)
  const page = await visitor.open(strict.url)
  await tap(page)
  await typedTalk(page)
  await strict.close()
  // the worker is tried, and done without; a browser reports the trial
  await visitor.close(
    /violates the following Content Security Policy directive: "script-src|Failed to construct 'Worker'|favicon/,
  )
})

const BROKEN = {
  attachShadow: 'Element.prototype.attachShadow = () => { throw new Error("of the page") }',
  fetch: 'window.fetch = () => { throw new Error("of the page") }',
  addEventListener: 'EventTarget.prototype.addEventListener = () => { throw new Error("of the page") }',
  'style sheets': 'window.CSSStyleSheet = function () { throw new Error("of the page") }',
}

test.each(Object.entries(BROKEN))(
  'a page that has broken %s: the agent’s own page stays one tap away',
  async (_, code) => {
    const page = await open(`<script>${code}</script>${loader()}${element()}`)
    const link = page.getByRole('link', {name: /Talk with us|Open it in a new tab/})
    const bubble = page.locator('viva-voce .bubble')
    await bubble.or(link).first().waitFor()
    if (await bubble.count()) await bubble.click()
    await link.waitFor()
    expect(await link.getAttribute('href')).toBe(`${house.url}/t/open`)
    expect(await link.getAttribute('target')).toBe('_blank')
  },
)

test('a page where elements cannot be defined goes on as if we were not there', async () => {
  const taken = `<script>
    globalThis.errors = 0
    addEventListener('error', () => { errors += 1 })
    customElements.define = () => { throw new Error('taken') }
  </script>`
  const page = await open(`${taken}${loader()}${element()}`)
  expect(await page.evaluate('errors')).toBe(0)
})

test('what is typed is no shortcut of the page', async () => {
  const page = await open(`${loader()}${element()}<script>
    globalThis.shortcuts = []
    for (const kind of ['keydown', 'keyup'])
      addEventListener(kind, ({key, target}) => { if (target.tagName !== 'INPUT') shortcuts.push(key) })
  </script>`)
  await tap(page)
  await button(page, 'Type instead').click()
  await caption(page, 'agent').waitFor()
  await page.getByRole('textbox', {name: 'Type your answer'}).pressSequentially('yes')
  expect(await page.evaluate('shortcuts')).toEqual([])
})

test('two on one page: the one that talks has the microphone, the other says so', async () => {
  const inline = (agent: string) => `<viva-voce agent="open" id="${agent}" shape="inline"></viva-voce>`
  const page = await open(`${loader()}${inline('one')}${inline('two')}`)
  for (const id of ['one', 'two']) await page.locator(`#${id}`).getByRole('button', {name: 'Talk with us'}).click()
  const [one, two] = [page.locator('#one'), page.locator('#two')]
  await one.getByRole('button', {name: 'Talk', exact: true}).click()
  await one.locator('.captions li.theirs').first().waitFor()
  await two.getByRole('button', {name: 'Talk', exact: true}).click()
  await two.getByText('Another talk of this page uses the microphone').waitFor()
  expect((await held(page)).tracks).toBe(1)
  await two.locator('.captions li.theirs').first().waitFor()
  expect((await held(page)).tracks).toBe(1)
})

test('an element that is moved goes on talking; one that is removed lets go of everything', async () => {
  const page = await open(`${loader()}<main></main>${element()}`)
  await tap(page)
  await button(page, 'Talk').click()
  await caption(page, 'agent').waitFor()
  await page.evaluate(() => document.querySelector('main')?.append(document.querySelector('viva-voce') ?? ''))
  await write(page, 'about seven')
  await caption(page, 'caller', 'about seven').waitFor()
  expect((await held(page)).tracks).toBe(1)
  await page.evaluate(() => document.querySelector('viva-voce')?.remove())
  await page.waitForFunction('held().tracks === 0 && held().contexts === 0')
})

async function booked(agent: string): Promise<string> {
  const answer = await fetch(`${house.url}/api/v1/calls`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({agent}),
  })
  const {ticket} = (await answer.json()) as {readonly ticket: string}
  return ticket
}

test.each([
  // nobody learns from elsewhere which agents there are
  ['an agent that there is not', 'agent="nobody"', 'Not from this page', 'Open the page of this agent'],
  ['a page that is not listed', 'agent="elsewhere"', 'Not from this page', 'Open the page of this agent'],
  ['a name that is none', 'agent="../../etc/passwd"', 'Not from this page', 'Open the page of this agent'],
  ['a server that does not answer', 'agent="open" server="http://127.0.0.1:9"', 'No connection', 'Try again'],
])('%s: words and a way on', async (_, attributes, title, action) => {
  const page = await open(`${loader()}${element(attributes)}`)
  await tap(page)
  await page.getByRole('heading', {name: title}).waitFor()
  await button(page, action).waitFor()
})

test('no agent’s name at all: words and another try', async () => {
  const page = await open(`${loader()}${element('')}`)
  await tap(page)
  await page.getByRole('button', {name: 'This could not be loaded. Try again'}).waitFor()
})

test.each(['used', 'invented'])('a ticket that is %s: words and a way on', async (kind) => {
  const ticket = kind === 'used' ? await booked('elsewhere') : 'eyJhbGciOi.made.up'
  const body = `${loader()}${element(`agent="elsewhere" ticket="${ticket}"`)}`
  if (kind === 'used') {
    const first = await open(body)
    await tap(first)
    await button(first, 'Type instead').click()
    await caption(first, 'agent').waitFor()
    await visitor.context.close()
  }
  const page = await open(body)
  await tap(page)
  await button(page, 'Type instead').click()
  await page.locator('.panel [role=alert]', {hasText: /\w/}).first().waitFor()
  expect(await page.locator('.panel .main').count()).toBeGreaterThan(0)
})

test('markup in a title, an answer and a caption is read, not run', async () => {
  const page = await open(`${loader()}${element('agent="script"')}`)
  await tap(page)
  await page.getByRole('heading', {name: 'onerror'}).first().waitFor()
  await button(page, 'Type instead').click()
  await caption(page, 'agent').waitFor()
  await write(page, `about seven ${SCRIPT}`)
  await caption(page, 'caller', '<img src=x').waitFor()
  expect(await page.title()).toBe('Host')
  expect(visitor.problems).toEqual([])
})

test('a title of ten thousand words leaves room for the talk', async () => {
  const page = await open(`${loader()}${element('agent="wordy"')}`)
  await tap(page)
  for (const name of ['Talk', 'Type instead', 'Close']) await button(page, name).waitFor()
  const {y, height} = (await button(page, 'Type instead').boundingBox()) ?? {y: 9999, height: 0}
  expect(y + height).toBeLessThanOrEqual(800)
})
