// `make screenshots`: the pictures of the docs. What a person decides on comes from a real server; moments of a talk come
// from the gallery, where they stand still.

import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import type {Browser, BrowserContextOptions, Page} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {House, launch, Site, Visitor} from '../../sdk/test/browser/harness.ts'
import {served} from '../test/gallery/gallery.html.ts'
import {reduced} from './palette.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const IMAGES = resolve(ROOT, 'docs/images')
/** Of one picture: a page of the docs has several. */
const MAX_BYTES = 60_000
const PHONE = {width: 390, height: 800}

let house: House
let site: Site
let browser: Browser

/** A shop, as somebody may have one. */
const shop = (server: string) => `<!doctype html>
<html lang="en"><head><title>Lamps</title><link rel="icon" href="data:,"><style>
body {margin: 0; font: 17px/1.6 Georgia, serif; color: #33302b; background: #fbf8f2}
header, main {padding: 1.2rem 3rem}
header {border-bottom: 1px solid #e4ddd0; display: flex; gap: 2.5rem; align-items: baseline}
header b {font-size: 1.5rem}
h1 {font-weight: 400; font-size: 2.6rem; max-width: 22ch; line-height: 1.2}
p {max-width: 52ch}
ul {display: grid; grid-template-columns: repeat(3, 9rem); gap: 1.2rem; padding: 0; list-style: none}
li {block-size: 9rem; background: #efe8db; padding: 1rem; box-sizing: border-box}
</style></head><body>
<header><b>Lamps</b><span>Floor</span><span>Table</span><span>Workshop</span></header>
<main><h1>Light that stays out of the way</h1>
<p>Made to order in small numbers, and repaired for as long as we are there. Not sure which one? Ask us.</p>
<ul><li>Arc, 140 cm</li><li>Reed, 160 cm</li><li>Shade, 42 cm</li></ul></main>
<script src="${server}/static/embed.js"></script><viva-voce agent="lamps" label="Talk with us" theme="light"></viva-voce>
</body></html>`

beforeAll(async () => {
  const founder = await readFile(resolve(ROOT, 'examples/agents/founder.yaml'), 'utf8')
  const lamps = founder.replace(/^name: .*$/m, 'name: lamps').replace(/^title: .*$/m, 'title: Which lamp is yours?')
  const agents = {
    founder: `${founder}\nembed: {origins: ["https://lamps.example"]}\n`,
    lamps: `${lamps}\nembed: {origins: ["*"]}\n`,
  }
  // a port that is another one each time would stand in the pictures
  house = await House.open(agents, {VIVA_PUBLIC_URL: 'https://talk.example'})
  site = await Site.open({'/': shop(house.url)})
  browser = await launch()
  await mkdir(IMAGES, {recursive: true})
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await house?.close()
})

async function visit(size: {width: number; height: number}, more: BrowserContextOptions = {}): Promise<Page> {
  const settings = {viewport: size, deviceScaleFactor: 1.5, reducedMotion: 'reduce', ...more} as const
  const visitor = await Visitor.of(browser, settings)
  const page = await visitor.context.newPage()
  await page.route('http://gallery/**', async (route) => {
    const found = await served(new URL(route.request().url()).pathname)
    await route.fulfill(found === null ? {status: 404} : {contentType: found.type, body: found.body})
  })
  return page
}

async function keep(page: Page, name: string): Promise<void> {
  const picture = reduced(await page.screenshot({animations: 'disabled', caret: 'hide'}))
  expect(picture.length, 'bytes').toBeLessThan(MAX_BYTES)
  await writeFile(resolve(IMAGES, `${name}.png`), picture)
  await page.context().close()
}

/** A state of the gallery. */
async function still(page: Page, query: string): Promise<void> {
  await page.goto(`http://gallery/?${query}`)
  await page.locator('body[data-drawn]').waitFor({state: 'attached'})
  await page.addStyleTag({content: 'body {margin: 0}'}) // as our own pages have it
}

test('start', async () => {
  const page = await visit({width: 960, height: 680})
  await page.goto(`${house.url}/t/founder`)
  await page.getByRole('button', {name: 'Talk', exact: true}).waitFor()
  await keep(page, 'start')
})

test('on a page of somebody else', async () => {
  const page = await visit({width: 980, height: 780})
  await page.goto(site.url)
  await page.getByRole('button', {name: 'Talk with us'}).click()
  await page.getByRole('button', {name: 'Talk', exact: true}).waitFor()
  await page.locator('.portrait .face').first().waitFor()
  await page.locator('viva-voce .main').evaluate((it) => (it as HTMLElement).blur())
  await keep(page, 'bubble')
})

test('the lines to copy', async () => {
  const page = await visit({width: 960, height: 720})
  await page.goto(`${house.url}/agents/founder/embed`)
  await page.getByRole('heading').first().waitFor()
  await keep(page, 'snippets')
})

test.each([
  ['talk-dark', {width: 960, height: 640}, 'state=talk-agent&shape=page&theme=dark'],
  ['phone', PHONE, 'state=asking-number&theme=light'],
  ['facts', PHONE, 'state=edit-number&theme=light'],
  ['right-to-left', PHONE, 'state=talk-caller&theme=light&lang=ar'],
  ['denied', PHONE, 'state=microphone-denied&theme=light'],
] as const)('%s', async (name, size, query) => {
  const page = await visit(size)
  await still(page, query)
  await keep(page, name)
})
