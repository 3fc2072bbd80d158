// The hooks and the element in a browser, in strict mode; what they hold is told by the test.

import {build} from 'esbuild'
import type {Browser, Page} from 'playwright-core'
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest'
import {SHARED, sheets} from '../../../files.mjs'
import {launch, Site, Visitor} from '../../../sdk/test/browser/harness.ts'
import type {VivaVoceElement} from '../../src/index.ts'
import type {Lab} from './lab/page.ts'

declare const lab: Lab

let browser: Browser
let site: Site
let visitor: Visitor
let page: Page

beforeAll(async () => {
  const entry = `${import.meta.dirname}/lab/page.ts`
  // React's own checks are for development only
  const define = {'process.env.NODE_ENV': '"development"'}
  const {outputFiles} = await build({...SHARED, define, entryPoints: [entry], format: 'esm', plugins: [sheets]})
  const html = '<!doctype html><body></body><script type="module" src="/page.js"></script>'
  site = await Site.open({'/': html, '/page.js': outputFiles[0]?.text ?? ''})
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
})

beforeEach(async () => {
  visitor = await Visitor.of(browser)
  page = await visitor.open(site.url)
})

afterEach(() => visitor.close())

test('a part of the view is drawn again when it has changed, and at no other news', async () => {
  const counts = await page.evaluate(() => {
    const told = new lab.Told()
    lab.show(lab.Views, {call: told.call})
    const counted = (tell: () => void) => {
      lab.drawn.clear()
      tell()
      return Object.fromEntries(lab.drawn)
    }
    const price = {field: 'price', value: 1, state: 'answered', evidence: null} as never
    return {
      captions: counted(() => {
        for (let turn = 1; turn <= 50; turn++) {
          told.tell({captions: [...told.view.captions, {who: 'caller', turn, text: 'well', final: true}]})
        }
      }),
      fact: counted(() => told.tell({facts: {price}})),
      same: counted(() => told.tell({facts: {price}})),
      shown: [...document.querySelectorAll('p')].map(({textContent}) => textContent),
    }
  })
  // strict mode draws everything twice
  expect(counts).toMatchObject({
    captions: {whole: 100},
    fact: {whole: 2, facts: 2, names: 2},
    same: {whole: 2, facts: 2},
    shown: ['50', expect.stringContaining('price'), 'price'],
  })
  expect(Object.keys(counts.captions)).toEqual(['whole'])
  expect(Object.keys(counts.same)).toEqual(['whole', 'facts'])
})

test('another call is shown instead, and the first one is not listened to any more', async () => {
  const found = await page.evaluate(() => {
    const [first, second] = [new lab.Told(), new lab.Told()]
    lab.show(lab.Views, {call: first.call})
    const before = first.listeners.size
    second.tell({captions: [{who: 'caller', turn: 1, text: 'well', final: true}]})
    lab.show(lab.Views, {call: second.call})
    const shown = document.querySelector('#whole')?.textContent
    const listeners = [first.listeners.size, second.listeners.size]
    lab.clear()
    return {before, shown, listeners, after: second.listeners.size}
  })
  expect(found).toEqual({before: 3, shown: '1', listeners: [0, 3], after: 0})
})

test('a call stays the same while its agent does; nothing is asked for or stored before it begins', async () => {
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  const found = await page.evaluate(() => {
    sessionStorage.setItem('viva', 'kept')
    const made = (agent: string, lang: string) => {
      lab.calls.clear()
      lab.show(lab.Holder, {agent, lang})
      return new Set(lab.calls)
    }
    const first = [...made('founder', 'en')].at(-1)
    const again = made('founder', 'de')
    const other = [...made('ambassador', 'de')].at(-1)
    lab.clear()
    return {same: again.size === 1 && first !== undefined && again.has(first), another: other !== first}
  })
  expect(found).toEqual({same: true, another: true})
  expect(await page.evaluate(() => ({...sessionStorage}))).toEqual({viva: 'kept'})
  expect(asked).toEqual([])
})

test('the element has what is said of it, and loses what is not said any more', async () => {
  const found = await page.evaluate(() => {
    const attributes = () => {
      const element = document.querySelector('viva-voce')
      return Object.fromEntries([...(element?.attributes ?? [])].map(({name, value}) => [name, value]))
    }
    lab.show(lab.Element, {round: 1, agent: 'founder', label: 'Ask', context: {plan: 'team'}, className: 'help'})
    const first = attributes()
    document.querySelector('viva-voce')?.setAttribute('data-own', 'kept')
    lab.show(lab.Element, {round: 2, agent: 'founder', theme: 'dark'})
    return {first, second: attributes(), isKnown: customElements.get('viva-voce') !== undefined}
  })
  expect(found).toEqual({
    first: {agent: 'founder', label: 'Ask', 'context-plan': 'team', class: 'help'},
    second: {agent: 'founder', theme: 'dark', 'data-own': 'kept'},
    isKnown: true,
  })
})

test('handlers are the newest ones, are told once, and nothing is drawn for it', async () => {
  const found = await page.evaluate(() => {
    lab.show(lab.Element, {round: 1, agent: 'founder'})
    lab.show(lab.Element, {round: 2, agent: 'founder'})
    const element = document.querySelector('viva-voce')
    const tell = (name: string, detail = {}) => element?.dispatchEvent(new CustomEvent(`viva-${name}`, {detail}))
    lab.drawn.clear()
    tell('open')
    tell('screen', {screen: 'talk'})
    tell('fact', {field: 'price', state: 'answered'})
    tell('ended', {reason: 'agent_ended'})
    tell('close')
    lab.clear()
    tell('open')
    return {heard: lab.heard, drawn: lab.drawn.size}
  })
  expect(found).toEqual({
    heard: ['open 2', 'screen talk 2', 'fact price answered 2', 'ended agent_ended 2', 'close 2'],
    drawn: 0,
  })
})

test('a ref is the element while it is there; what a visitor has closed is not opened by another drawing', async () => {
  const found = await page.evaluate(() => {
    const refs: unknown[] = []
    const ref = (element: Element | null) => void refs.push(element)
    lab.show(lab.Element, {round: 1, agent: 'founder', ref})
    const element = document.querySelector<VivaVoceElement>('viva-voce')
    const isIt = refs.at(-1) === element
    const opened: string[] = []
    const open = (on: boolean, round: number) => {
      lab.show(lab.Element, {round, agent: 'founder', ref, open: on})
      opened.push(`${element?.hasAttribute('open')}`)
    }
    if (element !== null) element.open = async () => undefined
    open(true, 2)
    element?.removeAttribute('open')
    open(true, 3)
    open(false, 4)
    open(true, 5)
    lab.clear()
    return {isIt, opened, last: refs.at(-1)}
  })
  expect(found).toEqual({isIt: true, opened: ['true', 'false', 'false', 'true'], last: null})
})
