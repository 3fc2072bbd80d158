// A React page of somebody else's, made with the package from its tarball, and a server on another origin.

import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {Browser, Page} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {AGENT, House, launch, Site, Visitor} from '../../../sdk/test/browser/harness.ts'
import type {VivaVoce, VoiceCall} from '../../types.ts'
import {Shop} from '../shop.ts'

declare const call: VoiceCall
declare const heard: string[]
declare const leave: () => void

const page = (server: string) => `
import {StrictMode} from 'react'
import {createRoot} from 'react-dom/client'
import {useCall, useView, VivaVoce} from 'vivavoce/react'

const server = '${server}'
globalThis.heard = []

function Talk() {
  const call = useCall({agent: 'two-questions', server, mode: 'text'})
  const lines = useView(call, (view) => view.captions.length)
  globalThis.call = call
  return <button id="talk" onClick={() => call.start()}>{lines === 0 ? 'Talk' : 'Talking'}</button>
}

const root = createRoot(document.querySelector('main'))
globalThis.leave = () => root.render(null)
root.render(
  <StrictMode>
    <VivaVoce agent="two-questions" server={server} onOpen={() => heard.push('open')} onScreen={(s) => heard.push(s)} />
    <Talk />
  </StrictMode>,
)`

let house: House
let shop: Shop
let site: Site
let browser: Browser

beforeAll(async () => {
  house = await House.open({'two-questions': `${AGENT}embed: {origins: ['*']}\n`})
  shop = await Shop.open(['react', 'react-dom', 'scheduler'])
  const options = ['--splitting', '--outdir=built', '--define:process.env.NODE_ENV="development"']
  await shop.bundle(page(house.url), ...options)
  const names = await readdir(join(shop.folder, 'built'))
  const built = await Promise.all(names.map(async (name) => [`/${name}`, await shop.read(`built/${name}`)] as const))
  const html = '<!doctype html><html lang="en"><main></main><script type="module" src="/entry.js"></script></html>'
  site = await Site.open({'/': html, ...Object.fromEntries(built)})
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await shop?.close()
  await house?.close()
})

/** The screen, and which facts have a value. */
const view = (on: Page) =>
  on.evaluate(() => {
    const {screen, facts} = call.view
    return {screen, known: Object.keys(facts).filter((field) => (facts[field]?.value ?? null) !== null)}
  })

test('a call of a component: begun by a tap, come back to after a reload, left when the component goes', async () => {
  const visitor = await Visitor.of(browser)
  const there = await visitor.open(site.url)
  await there.locator('#talk').click()
  await expect.poll(() => there.locator('#talk').textContent()).toBe('Talking')
  await there.evaluate(() => call.type('about seven'))
  await expect.poll(() => view(there)).toMatchObject({screen: 'text', known: ['severity']})
  await there.reload()
  await there.locator('#talk').click()
  await expect.poll(() => view(there)).toMatchObject({screen: 'text', known: ['severity']})
  await there.evaluate(() => leave())
  await expect.poll(() => view(there)).toMatchObject({screen: 'ended'})
  await there.reload()
  await there.locator('#talk').click()
  await expect.poll(() => view(there)).toMatchObject({screen: 'text', known: []})
  await visitor.close()
})

test('the bubble: nothing before a tap; then the widget out of the bundle, and the talk from the server', async () => {
  const visitor = await Visitor.of(browser)
  const asked: string[] = []
  visitor.context.on('request', (request) => asked.push(request.url()))
  const there = await visitor.open(site.url)
  const bubble = there.locator('viva-voce').getByRole('button')
  await bubble.waitFor()
  expect(asked.filter((url) => url.startsWith(house.url) || url.includes('widget'))).toEqual([])
  await bubble.click()
  const widget = () => there.evaluate(() => document.querySelector<VivaVoce>('viva-voce')?.call?.view.screen)
  await expect.poll(widget).toBe('start')
  expect(asked.filter((url) => url.startsWith(`${site.url}/widget-`))).toHaveLength(1)
  expect(asked.filter((url) => url.endsWith('/static/viva-widget.js'))).toEqual([])
  await there.evaluate(async () => {
    const own = document.querySelector<VivaVoce>('viva-voce')?.call
    await own?.setMode('text')
    await own?.start()
  })
  await expect.poll(widget).toBe('text')
  expect(await there.evaluate(() => heard)).toEqual(['open', 'connecting', 'text'])
  const own = await there.evaluateHandle(() => document.querySelector<VivaVoce>('viva-voce')?.call)
  await there.evaluate(() => leave())
  await expect.poll(() => own.evaluate((left) => left?.view.screen)).toBe('ended')
  await visitor.close()
})
