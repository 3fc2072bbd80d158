// What of a real page would be told to an agent: its head, the attributes of the element, and nothing of its body.

import {resolve} from 'node:path'
import {build} from 'esbuild'
import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {launch} from '../../../sdk/test/browser/harness.ts'
import type {pageOf} from '../../src/context/page.ts'
import type {contextOf} from '../../src/context/seen.ts'

const CODE = `
  export {pageOf} from './page.ts'
  export {contextOf} from './seen.ts'
`

let browser: Browser
let script: string

beforeAll(async () => {
  const folder = resolve(import.meta.dirname, '../../src/context')
  const {outputFiles} = await build({
    stdin: {contents: CODE, resolveDir: folder},
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'lab',
    target: 'es2022',
    logLevel: 'silent',
  })
  script = outputFiles[0]?.text ?? ''
  browser = await launch()
})

afterAll(() => browser?.close())

/** What is told of a page with `<viva-voce>`, also where that stands in a shadow root of `<x-host>`. */
async function told(html: string): Promise<Record<string, string>> {
  const page = await browser.newPage()
  await page.route('**/*', (route) => route.fulfill({contentType: 'text/html', body: `<!doctype html>${html}`}))
  await page.goto('http://127.0.0.1:9/lamps?session=secret&utm_source=mail#part')
  await page.addScriptTag({content: script})
  const context = await page.evaluate(() => {
    const {lab} = window as unknown as {lab: {pageOf: typeof pageOf; contextOf: typeof contextOf}}
    const host = document.querySelector('x-host')
    if (host) host.attachShadow({mode: 'open'}).append(...host.childNodes)
    const element = (host?.shadowRoot ?? document).querySelector('viva-voce')
    return element === null ? {} : {...lab.contextOf(lab.pageOf(element))}
  })
  await page.close()
  return context
}

const WHERE = {
  'page.url': 'http://127.0.0.1:9/lamps?utm_source=mail',
  'page.title': 'Lamps',
  'utm.source': 'mail',
}

test('a page is told by its head and the element, whatever stands in its forms, storage and text', async () => {
  const context = await told(`<html lang="de"><title>Lamps</title>
    <script>document.cookie = 'a=secret'; localStorage.a = 'secret'</script>
    <p data-plan="secret">secret</p><form><input name="card" value="secret"></form>
    <div lang="fr"><viva-voce agent="founder" lang="en" context-plan="pro" data-plan="secret"></viva-voce></div>`)
  expect(context).toEqual({...WHERE, 'page.lang': 'fr', 'data.plan': 'pro'})
})

test('an element in a shadow root is in the page, too', async () => {
  const context = await told('<html lang="de"><title>Lamps</title><x-host><viva-voce></viva-voce></x-host>')
  expect(context).toEqual({...WHERE, 'page.lang': 'de'})
})

test.each([
  ['<html lang="de" data-private><title>Lamps</title><viva-voce context-plan="pro"></viva-voce>', {}],
  [
    '<html lang="de"><title data-private>Anna</title><viva-voce></viva-voce>',
    {'page.url': WHERE['page.url'], 'utm.source': 'mail', 'page.lang': 'de'},
  ],
  ['<html><title>Lamps</title><viva-voce data-private context-plan="pro"></viva-voce>', WHERE],
  ['<html><title>Lamps</title><main data-private><p><viva-voce context-plan="pro"></viva-voce></main>', WHERE],
  [
    '<html><title>Lamps</title><div data-private><x-host><viva-voce context-plan="pro"></viva-voce></x-host></div>',
    WHERE,
  ],
])('what is private is not told: %s', async (html, expected) => {
  expect(await told(html)).toEqual(expected)
})
