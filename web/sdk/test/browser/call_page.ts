// A page of another site with one call on it and nothing else: `call`, and a button that starts it.

import type {Page} from 'playwright-core'
import {expect} from 'vitest'
import type {CallOptions, VoiceCall} from '../../src/index.ts'
import {AGENT, House, Site} from './harness.ts'

declare global {
  /** The call of the page. */
  var call: VoiceCall
}

/** A server whose agent may be talked to from any page, by one visitor as often as tests like. */
export function openHouse(): Promise<House> {
  const agents = {'open-to-all': `${AGENT}embed: {origins: ['*']}\n`}
  return House.open(agents, {
    VIVA_CALLS_PER_ADDRESS: '0',
    VIVA_CALLS_PER_ORIGIN: '0',
    VIVA_VISITOR_BOOKINGS_PER_MINUTE: '0',
  })
}

/** The site of that page. */
export function callSite(server: string, options: CallOptions = {}): Promise<Site> {
  const asked = JSON.stringify({agent: 'open-to-all', server, ...options})
  const code = `
    import {createCall} from '${server}/static/viva.js'
    globalThis.call = createCall(${asked})
    document.querySelector('button').onclick = () => call.start()`
  return Site.open({'/': `<button>Talk</button><script type="module">${code}</script>`})
}

/** Until the call is on; what is wrong stands in the failure. */
export async function talking(page: Page, screen: 'talk' | 'text' = 'talk'): Promise<void> {
  await page.getByRole('button').click()
  const seen = () => page.evaluate(() => [call.view.screen, ...call.view.problems.map(({text}) => text)])
  await expect.poll(seen).toEqual([screen])
}

/** Until somebody has said so. */
export async function caption(page: Page, who: 'agent' | 'caller', text: string): Promise<void> {
  const said = () =>
    page.evaluate(() => call.view.captions.map((line) => `${line.who === 'caller' ? 'caller' : 'agent'}: ${line.text}`))
  await expect.poll(said).toEqual(expect.arrayContaining([expect.stringMatching(`^${who}: .*${text}`)]))
}

/** Until a field has this value. */
export async function fact(page: Page, field: string, value: unknown): Promise<void> {
  await expect.poll(() => page.evaluate((name) => call.view.facts[name]?.value, field)).toEqual(value)
}
