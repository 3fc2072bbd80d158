// The talk on a page in a real browser, and what is asked of its call.

import {resolve} from 'node:path'
import {type Browser, chromium, type Page} from 'playwright-core'
import type {View} from '../../../sdk/src/index.ts'
import {bundled} from '../../../sdk/test/browser/bundled.ts'
import type {Local, Shape} from '../../src/ui.ts'
import type {Lab} from './conversation_page.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** The strictest that our own pages have. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:"
const PAGE =
  '<!doctype html><html lang="en"><title>Talk</title><link rel="icon" href="data:,"><script type="module" src="/talk.js"></script>'

type LabWindow = typeof window & {readonly lab: Lab}

export class Conversation {
  private constructor(
    readonly page: Page,
    private readonly browser: Browser,
    /** What the browser held against the page since it was last emptied. */
    readonly refused: string[],
  ) {}

  static async open(): Promise<Conversation> {
    const script = await bundled(resolve(import.meta.dirname, 'conversation_page.ts'))
    const browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox']})
    const page = await browser.newPage({viewport: {width: 400, height: 720}, hasTouch: true})
    const refused: string[] = []
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()))
    page.on('pageerror', (error) => refused.push(error.message))
    await page.route('**/*', async (route) => {
      const isPage = new URL(route.request().url()).pathname === '/'
      await route.fulfill({
        contentType: isPage ? 'text/html' : 'text/javascript',
        headers: {'content-security-policy': POLICY},
        body: isPage ? PAGE : script,
      })
    })
    const lab = new Conversation(page, browser, refused)
    await lab.load('no-preference')
    return lab
  }

  /** The page anew, for who wants motion or none. */
  async load(reducedMotion: 'reduce' | 'no-preference'): Promise<void> {
    await this.page.emulateMedia({reducedMotion})
    await this.page.goto('http://127.0.0.1:9/')
    await this.page.waitForFunction(() => 'lab' in window)
  }

  /** A state of the gallery, and what is different about it. */
  show(name: string, view: Partial<View> = {}, local: Partial<Local> = {}, shape: Shape = 'page'): Promise<void> {
    return this.page.evaluate((given) => (window as LabWindow).lab.show(...given), [name, view, local, shape] as const)
  }

  /** The view goes on, what the screen knows stays. */
  change(view: Partial<View>): Promise<void> {
    return this.page.evaluate((it) => (window as LabWindow).lab.change(it), view)
  }

  /** What was asked of the call since the state was shown. */
  done(): Promise<string[]> {
    return this.page.evaluate(() => [...(window as LabWindow).lab.done])
  }

  /** What was set by hand since then. */
  corrected(): Promise<(readonly [string, unknown])[]> {
    return this.page.evaluate(() => [...(window as LabWindow).lab.corrected])
  }

  /** The agent is as loud as this from now on. */
  sound(bands: Lab['bands']): Promise<void> {
    return this.page.evaluate((it) => void Object.assign((window as LabWindow).lab, {bands: it}), bands)
  }

  close(): Promise<void> {
    return this.browser.close()
  }
}
