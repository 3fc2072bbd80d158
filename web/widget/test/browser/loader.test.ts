// `<viva-voce>` on pages of others: it costs nothing before a tap, stands whatever the page does, and says what is wrong.

import type {Browser, Page} from 'playwright-core'
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest'
import {launch, Visitor} from '../../../sdk/test/browser/harness.ts'
import {Talks} from './talks.ts'

const ELEMENT = '<viva-voce agent="ann"></viva-voce>'
let talks: Talks
let browser: Browser
let visitor: Visitor

beforeAll(async () => {
  talks = await Talks.open()
  browser = await launch()
})

afterEach(async () => {
  await visitor?.context.close()
  talks.forget()
})

afterAll(async () => {
  await browser?.close()
  await talks?.close()
})

async function visit(url: string, width = 1000, script?: () => void): Promise<Page> {
  visitor = await Visitor.of(browser, {viewport: {width, height: 760}, reducedMotion: 'reduce'})
  if (script) await visitor.context.addInitScript(script)
  return visitor.open(url)
}

const bubble = (page: Page) => page.locator('.bubble')
const panel = (page: Page) => page.getByRole('dialog', {name: 'Talk with Is this worth building?'})
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent?.trim() ?? '')

test('before a tap: no request, nothing stored, one listener, nothing moved', async () => {
  const page = await visit(talks.page(`{embed}<h1>A page</h1>${ELEMENT}<p>Text</p>`), 1000, () => {
    Object.assign(globalThis, {listeners: 0, shift: 0})
    const add = EventTarget.prototype.addEventListener
    EventTarget.prototype.addEventListener = function (...given: Parameters<typeof add>) {
      Object.assign(globalThis, {listeners: Reflect.get(globalThis, 'listeners') + 1})
      add.apply(this, given)
    }
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) Object.assign(globalThis, {shift: Reflect.get(entry, 'value')})
    }).observe({type: 'layout-shift', buffered: true})
  })
  await bubble(page).waitFor()
  const cost = await page.evaluate(() => ({
    listeners: Reflect.get(globalThis, 'listeners'),
    shift: Reflect.get(globalThis, 'shift'),
    stored: localStorage.length + sessionStorage.length + document.cookie.length,
  }))
  // its one listener is the button's own `onclick`
  expect(cost).toEqual({listeners: 0, shift: 0, stored: 0})
  expect(talks.asked).toEqual(['/page', '/static/embed.js'])
})

test('a tap opens it, Escape closes it, and the focus goes along', async () => {
  const page = await visit(talks.page(`{embed}${ELEMENT}`))
  await bubble(page).click()
  await panel(page).getByRole('heading', {name: 'Is this worth building?'}).waitFor()
  await expect.poll(() => focused(page)).toBe('Talk')
  expect(await page.locator('viva-voce').getAttribute('open')).toBe('')
  await page.keyboard.press('Escape')
  await panel(page).waitFor({state: 'hidden'})
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className)).toBe('bubble')
  await page.keyboard.press('Enter')
  await panel(page).waitFor()
  expect(
    talks.asked.filter((path) => path === '/static/viva-widget.js'),
    'loaded once',
  ).toHaveLength(1)
})

test('who is told, what is kept and that it is an AI stands there before anything is asked', async () => {
  const page = await visit(talks.page(`{embed}${ELEMENT}`))
  await bubble(page).click()
  await panel(page).getByText('You talk with an AI, not with a person.').waitFor()
  await panel(page).getByText('heard by Google').waitFor()
  await panel(page).getByText('sound: 30 days, words: 90 days, notes: until it is deleted').waitFor()
  expect(await panel(page).getByRole('checkbox', {name: 'My voice may be recorded'}).isChecked()).toBe(false)
})

test.each([
  [404, 'Nobody here', null],
  [403, 'Not from this page', 'Open the page of this agent'],
  [500, 'No connection', 'Try again'],
])('a card that answers %i: %s', async (status, title, action) => {
  const url = talks.page(`{embed}${ELEMENT}`)
  talks.answers.set('/api/v1/card', {status, body: '{}'})
  const page = await visit(url)
  await bubble(page).click()
  await page.getByRole('heading', {name: title}).waitFor()
  if (action !== null) await page.getByRole('button', {name: action}).waitFor()
  if (action !== 'Try again') return
  talks.answers.delete('/api/v1/card')
  await page.getByRole('button', {name: action}).click()
  await panel(page).getByRole('button', {name: 'Talk', exact: true}).waitFor()
})

test('a widget that cannot be loaded: words, another try, and the agent’s own page', async () => {
  const url = talks.page(`{embed}${ELEMENT}`)
  talks.answers.set('/static/viva-widget.js', null)
  const page = await visit(url)
  await bubble(page).click()
  await page.getByRole('button', {name: 'This could not be loaded. Try again'}).waitFor()
  const link = page.getByRole('link', {name: 'Open it in a new tab'})
  expect(await link.getAttribute('href')).toBe(`${talks.url}/t/ann`)
  talks.answers.delete('/static/viva-widget.js')
  await bubble(page).click()
  await panel(page).getByRole('button', {name: 'Talk', exact: true}).waitFor()
  await link.waitFor({state: 'detached'})
})

const MORE = '/static/viva-more.js'

test('the rest of the widget is fetched while the start screen is read, and moves nothing when it comes', async () => {
  const page = await visit(talks.page(`{embed}${ELEMENT}`))
  let release = () => {}
  const held = new Promise<void>((done) => {
    release = done
  })
  await page.route(`**${MORE}`, async (route) => {
    await held
    await route.continue()
  })
  const places = () =>
    panel(page).evaluate((each) =>
      [...each.querySelectorAll('*')].map((one) => {
        const {x, y, width, height} = one.getBoundingClientRect()
        return [one.tagName, x, y, width, height].join(' ')
      }),
    )
  const asked = page.waitForRequest(`**${MORE}`)
  await bubble(page).click()
  await asked
  await panel(page).getByText('heard by Google').waitFor()
  const before = await places()
  await page.getByRole('button', {name: 'More'}).click() // nothing to show of it yet
  expect(await places()).toEqual(before)
  release()
  await page.getByRole('menuitem', {name: 'Language'}).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({state: 'detached'})
  expect(await places()).toEqual(before)
  expect(talks.asked.filter((path) => path === MORE)).toHaveLength(1)
})

test('the rest of the widget that does not come is missed by who needs it only, and can be asked for again', async () => {
  const url = talks.page(`{embed}${ELEMENT}`)
  talks.answers.set(MORE, {status: 500, type: 'text/javascript', body: ''})
  const page = await visit(url)
  await bubble(page).click()
  const type = panel(page).getByRole('button', {name: 'Type instead'})
  await expect.poll(() => talks.asked.filter((path) => path === MORE)).toHaveLength(1)
  await type.click()
  await panel(page).getByRole('alert').getByText('cannot be reached').waitFor()
  await expect.poll(() => focused(page)).toBe('Try again')
  talks.answers.delete(MORE)
  await page.keyboard.press('Enter')
  // this server books no call, and now there is somebody to say so
  await panel(page).locator('.face').first().waitFor()
  await expect.poll(() => focused(page)).toBe('Try again')
})

const FIGHT = `<style>
  html { font-size: 62.5%; }
  html body { transform: rotate(20deg) translate(900px) !important; overflow: hidden !important; }
  * { all: unset !important; display: block !important; font: 900 60px/3 fantasy !important; color: red !important;
      letter-spacing: 2em !important; text-transform: uppercase !important; transform: scale(2); opacity: 0.3 !important; }
  viva-voce { display: none !important; visibility: hidden; }
</style><script>
  for (const each of [Object, Array, Function, Promise, Element, HTMLElement, Node]) Object.freeze(each.prototype)
  window.addEventListener('error', (event) => event.stopImmediatePropagation(), true)
  setTimeout(() => { throw new Error('of the page itself') })
</script>`

test('a page whose styles, scripts and errors fight back', async () => {
  const page = await visit(talks.page(`${FIGHT}{embed}${ELEMENT}`))
  const {x, y, width, height} = (await bubble(page).boundingBox()) ?? {x: 0, y: 0, width: 0, height: 0}
  expect({width, height}).toEqual({width: 60, height: 60})
  expect({right: x + width, bottom: y + height}).toEqual({right: 980, bottom: 740})
  await bubble(page).click()
  const talk = panel(page).getByRole('button', {name: 'Talk', exact: true})
  await talk.waitFor()
  const looks = await talk.evaluate((button) => {
    const {fontSize, letterSpacing, textTransform} = getComputedStyle(button)
    const {right, bottom} = button.getBoundingClientRect()
    return {fontSize, letterSpacing, textTransform, isInside: right < innerWidth && bottom < innerHeight}
  })
  expect(looks).toEqual({fontSize: '18px', letterSpacing: 'normal', textTransform: 'none', isInside: true})
})

test('the strictest policy that lets our server in', async () => {
  const policy = `default-src 'none'; script-src ${talks.url}; connect-src ${talks.url}; style-src 'self'`
  const page = await visit(talks.page(`{embed}${ELEMENT}`, {'content-security-policy': policy}))
  await bubble(page).click()
  await panel(page).getByRole('button', {name: 'Talk', exact: true}).waitFor()
  const colour = await panel(page).evaluate((each) => getComputedStyle(each).backgroundColor)
  expect(colour).toBe('rgb(251, 249, 245)')
  expect(visitor.problems.filter((text) => !text.includes('favicon') && !text.includes('data:,'))).toEqual([])
})

test('two on one page, and the script twice: each opens by itself', async () => {
  const page = await visit(talks.page(`{embed}${ELEMENT}<viva-voce agent="bob" shape="inline"></viva-voce>{embed}`))
  await page.locator('viva-voce[agent=bob]').getByRole('button', {name: 'Talk with us'}).click()
  await page.locator('viva-voce[agent=bob]').getByRole('button', {name: 'Talk', exact: true}).waitFor()
  expect(await panel(page).count()).toBe(0)
  await page.locator('viva-voce[agent=ann] .bubble').click()
  await panel(page).waitFor()
})

test('storage and cookies that are refused', async () => {
  const page = await visit(talks.page(`{embed}${ELEMENT}`), 1000, () => {
    for (const name of ['localStorage', 'sessionStorage'] as const) {
      Object.defineProperty(globalThis, name, {
        get() {
          throw new DOMException('Access is denied', 'SecurityError')
        },
      })
    }
  })
  await bubble(page).click()
  await panel(page).getByRole('button', {name: 'Talk', exact: true}).waitFor()
  expect(visitor.problems).toEqual([])
})

test('on a phone it is the whole screen; in a page from right to left it stands on the left', async () => {
  const page = await visit(talks.page(`{embed}<body dir="rtl">${ELEMENT}`), 390)
  expect((await bubble(page).boundingBox())?.x).toBe(20)
  await bubble(page).click()
  await panel(page).waitFor()
  expect(await panel(page).boundingBox()).toEqual({x: 0, y: 0, width: 390, height: 760})
})

test('inline it moves nothing of the page, before and after the tap', async () => {
  const page = await visit(talks.page('{embed}<viva-voce agent="ann" shape="inline"></viva-voce><p id="after">After'))
  const below = () => page.locator('#after').boundingBox()
  await page.getByRole('button', {name: 'Talk with us'}).waitFor()
  const before = await below()
  await page.getByRole('button', {name: 'Talk with us'}).click()
  await page.getByRole('button', {name: 'Talk', exact: true}).waitFor()
  expect(await below()).toEqual(before)
  expect(await focused(page)).toBe('Talk')
})

test('a page may open, close and theme it, and hears of it', async () => {
  const page = await visit(talks.page(`{embed}${ELEMENT}`))
  const heard = await page.evaluate(async () => {
    const element = document.querySelector('viva-voce')
    const heard: string[] = []
    for (const name of ['viva-open', 'viva-close']) document.addEventListener(name, () => heard.push(name))
    Object.assign(globalThis, {heard})
    await Reflect.get(element ?? {}, 'open').call(element)
    return heard
  })
  expect(heard).toEqual(['viva-open'])
  await panel(page).waitFor()
  const ground = () => panel(page).evaluate((each) => getComputedStyle(each).backgroundColor)
  expect(await ground()).toBe('rgb(251, 249, 245)')
  await page.locator('viva-voce').evaluate((element) => element.setAttribute('theme', 'dark'))
  expect(await ground()).toBe('rgb(23, 22, 20)')
  await page.locator('viva-voce').evaluate((element) => element.removeAttribute('open'))
  await panel(page).waitFor({state: 'hidden'})
  expect(await page.evaluate('heard')).toEqual(['viva-open', 'viva-close'])
})

test('an element that is moved stays as it is; one that is removed and comes back begins anew', async () => {
  const page = await visit(talks.page(`{embed}<main></main>${ELEMENT}`))
  await bubble(page).click()
  await panel(page).waitFor()
  await page.evaluate(() => document.querySelector('main')?.append(document.querySelector('viva-voce') ?? ''))
  expect(await panel(page).isVisible()).toBe(true)
  await page.evaluate(async () => {
    const element = document.querySelector('viva-voce')
    element?.remove()
    element?.removeAttribute('open')
    await new Promise((done) => setTimeout(done))
    document.body.append(element ?? '')
  })
  await bubble(page).waitFor()
  expect(await panel(page).count()).toBe(0)
  await bubble(page).click()
  await panel(page).waitFor()
})

test('a kiosk whose rest does not come says so, and invites as soon as it has come', async () => {
  const url = talks.page('{embed}<viva-voce agent="ann" shape="kiosk"></viva-voce>')
  talks.answers.set(MORE, {status: 500, type: 'text/javascript', body: ''})
  const page = await visit(url)
  await page.getByText('The server cannot be reached').waitFor()
  talks.answers.delete(MORE)
  await page.getByRole('button', {name: 'Try again'}).click()
  await page.getByRole('button', {name: 'Touch to begin'}).click()
  await page.getByRole('button', {name: 'Talk', exact: true}).waitFor()
})

test('a kiosk invites, asks whether somebody is there, and forgets', async () => {
  visitor = await Visitor.of(browser, {viewport: {width: 800, height: 1000}})
  await visitor.context.clock.install()
  const page = await visitor.open(talks.page('{embed}<viva-voce agent="ann" shape="kiosk"></viva-voce>'))
  await page.getByRole('button', {name: 'Touch to begin'}).click()
  await page.getByRole('checkbox').click()
  expect(await page.getByRole('checkbox').isChecked()).toBe(true)
  await page.clock.runFor(31_000)
  await page.getByRole('alertdialog', {name: 'Are you still there?'}).waitFor()
  await page.getByRole('button', {name: 'I am still here'}).click()
  await page.clock.runFor(46_000)
  await page.getByRole('button', {name: 'Touch to begin'}).click()
  expect(await page.getByRole('checkbox').isChecked()).toBe(false)
})

test('who may only write markup into a page chooses no code by it', async () => {
  const page = await visit(talks.page('{embed}'))
  const scripts: string[] = []
  page.on('request', (asked) => asked.resourceType() === 'script' && scripts.push(new URL(asked.url()).origin))
  await page.evaluate(() => {
    document.body.innerHTML = '<viva-voce agent="ann" lang="de" server="http://127.0.0.1:9" open></viva-voce>'
  })
  await page.getByRole('button', {name: 'Noch einmal versuchen'}).waitFor()
  expect(new Set(scripts)).toEqual(new Set([talks.url]))
})

test('what is no server is not asked, and no link leads there', async () => {
  const page = await visit(talks.page('{embed}'))
  await page.evaluate(() => {
    document.body.innerHTML = '<viva-voce agent="ann" server="javascript:alert(1)//" open></viva-voce>'
  })
  await panel(page).getByRole('heading', {name: 'Is this worth building?'}).waitFor()
  expect(await page.locator('[href^=javascript]').count()).toBe(0)
})
