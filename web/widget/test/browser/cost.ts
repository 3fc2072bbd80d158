// What a page of somebody else's pays for us, as its browser counts it.

import type {Browser, CDPSession, Page} from 'playwright-core'

/** Of one visit. Times are of the processor, on the page's own thread: a busy machine makes them no longer. */
export interface Cost {
  /** Running scripts, computing styles, laying out. */
  readonly work_ms: number
  /** The same once the page stands, while it draws twenty pictures. */
  readonly idle_ms: number
  readonly longTasks: number
  readonly requests: number
  readonly bytes: number
  readonly listeners: number
  /** Of layout, as browsers score it: what comes at once after a tap is not counted. */
  readonly shift: number
  /** Elements of the page itself that stand elsewhere after the tap. */
  readonly moved: number
  /** Entries of storage, letters of cookies. */
  readonly stored: number
}

interface Watched {
  shift: number
  longTasks: number
}

function watch(): void {
  const watched: Watched = {shift: 0, longTasks: 0}
  Object.assign(globalThis, {watched})
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (Reflect.get(entry, 'hadRecentInput') !== true) watched.shift += Reflect.get(entry, 'value')
  }).observe({type: 'layout-shift', buffered: true})
  new PerformanceObserver((list) => {
    watched.longTasks += list.getEntries().length
  }).observe({type: 'longtask', buffered: true})
}

function pictures(page: Page, count: number): Promise<void> {
  return page.evaluate(async (wanted) => {
    for (let drawn = 0; drawn < wanted; drawn++) await new Promise((done) => requestAnimationFrame(done))
  }, count)
}

/** Where the page's own elements stand. */
function places(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('h1, p')].map((element) => {
      const {x, y, width, height} = element.getBoundingClientRect()
      return [x, y, width, height].join()
    }),
  )
}

async function metrics(session: CDPSession): Promise<{readonly work_ms: number; readonly listeners: number}> {
  const {metrics} = await session.send('Performance.getMetrics')
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
  const parts = ['ScriptDuration', 'V8CompileDuration', 'RecalcStyleDuration', 'LayoutDuration']
  return {
    work_ms: 1000 * parts.map(value).reduce((sum, part) => sum + part),
    listeners: value('JSEventListeners'),
  }
}

/** @param tap what a visitor does on the page; what it costs is counted along, but for the work. */
export async function costOf(browser: Browser, url: string, tap?: (page: Page) => Promise<void>): Promise<Cost> {
  const context = await browser.newContext({reducedMotion: 'reduce'})
  try {
    await context.addInitScript(watch)
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    let requests = 0
    let bytes = 0
    session.on('Network.requestWillBeSent', () => {
      requests += 1
    })
    session.on('Network.loadingFinished', ({encodedDataLength}) => {
      bytes += encodedDataLength
    })
    await session.send('Network.enable')
    await session.send('Performance.enable', {timeDomain: 'threadTicks'})
    await page.goto(url)
    await pictures(page, 2)
    const stood = await metrics(session)
    await pictures(page, 20)
    const later = await metrics(session)
    const before = await places(page)
    await tap?.(page)
    await pictures(page, 2)
    const after = await places(page)
    const watched = await page.evaluate('watched')
    const stored = await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length)
    return {
      ...(watched as Watched),
      work_ms: stood.work_ms,
      idle_ms: later.work_ms - stood.work_ms,
      listeners: stood.listeners,
      moved: after.filter((place, index) => place !== before[index]).length,
      requests,
      bytes,
      stored,
    }
  } finally {
    await context.close()
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

export function least(values: readonly number[]): number {
  return Math.min(...values)
}

const LINES = Array.from({length: 40}, (_, index) => `<p>Lamp ${index}: warm light for a desk, dimmed by a tap.</p>`)

/** A page like many, of which something stands between the heading and the text. */
export function host(between: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <link rel="icon" href="data:,"><title>Lamps</title><h1>Lamps</h1>${between}${LINES.join('')}`
}

/** The least that an element with a button can be: what is measured beside it is measured on the same machine. */
export const LEAST = `customElements.define('least-button', class extends HTMLElement {
  connectedCallback() {
    const button = document.createElement('button')
    button.onclick = () => {}
    button.textContent = 'Talk'
    this.attachShadow({mode: 'open'}).append(button)
  }
})`

/** Pages to compare, by path, for a server of talks; as the docs embed it. */
export function hosts(server: string): {readonly [path: string]: string} {
  const script = `<script src="${server}/static/embed.js" async></script>`
  return {
    '/without': host(''),
    '/least': host('<script src="/least.js" async></script><least-button></least-button>'),
    '/least.js': LEAST,
    '/bubble': host(`${script}<viva-voce agent="open"></viva-voce>`),
    '/inline': host(
      `<style>viva-voce {display: block; block-size: 36rem}</style>${script}<viva-voce agent="open" shape="inline"></viva-voce>`,
    ),
  }
}

export type Costs = {readonly [path: string]: Cost}

/** Each figure over some visits, taken in turn so that all see the same machine: the median, but for what a busy machine
 * makes more of.
 *
 * @param timed what of these stands for all: `least` where the machine may be busy. */
export async function compare(
  browser: Browser,
  site: string,
  paths: readonly string[],
  visits: number,
  timed: (values: readonly number[]) => number = median,
): Promise<Costs> {
  const costs = new Map<string, Cost[]>(paths.map((path) => [path, []]))
  for (let visit = 0; visit < visits; visit++)
    for (const [path, found] of costs) found.push(await costOf(browser, site + path))
  const together = (found: readonly Cost[]): Cost => {
    const all = (name: keyof Cost) => found.map((cost) => cost[name])
    const middle = (name: keyof Cost) => median(all(name))
    return {
      work_ms: timed(all('work_ms')),
      idle_ms: timed(all('idle_ms')),
      longTasks: timed(all('longTasks')),
      requests: middle('requests'),
      bytes: middle('bytes'),
      listeners: middle('listeners'),
      shift: middle('shift'),
      moved: middle('moved'),
      stored: middle('stored'),
    }
  }
  return Object.fromEntries([...costs].map(([path, found]) => [path, together(found)]))
}

/** A visitor taps the bubble, or the button of an inline talk, and sees how to begin. */
export async function begin(page: Page): Promise<void> {
  await page.locator('viva-voce').getByRole('button', {name: 'Talk with us'}).click()
  await page.getByRole('button', {name: 'Talk', exact: true}).waitFor()
}
