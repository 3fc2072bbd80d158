// An agent's page on a real server in a real browser: what a visitor sees, hears and may do.

import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {AGENT, House, held, launch, Visitor, watchDevices} from '../../../sdk/test/browser/harness.ts'
import {spoken} from '../../../sdk/test/browser/speech.ts'
import {delays, expectWhole, heard, sentReply, tapped} from '../../../sdk/test/browser/tap.ts'
import {breaks, frames, said} from '../../../sdk/test/browser/wire.ts'
import {button, caption, fact, focused, PAGE, screen, write} from './talk_page.ts'

let house: House
let browser: Browser

beforeAll(async () => {
  house = await House.open({asking: AGENT.replace('two-questions', 'asking').replace('record: never', 'record: ask')})
  // the agent speaks for eleven seconds then: this interrupts it
  browser = await launch(await spoken(house.folder, 'about nine out of ten', 7))
})

afterAll(async () => {
  await browser?.close()
  await house?.close()
})

test('speech goes in at the microphone; the answer comes out, is read, and the fact is noted', async () => {
  const visitor = await Visitor.of(browser, {bypassCSP: true})
  await tapped(visitor.context)
  await watchDevices(visitor.context)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Talk').waitFor()
  expect(await held(page)).toEqual({tracks: 0, contexts: 0})
  await button(page, 'Talk').click()
  await caption(page, 'agent', 'I am an AI').waitFor()
  await caption(page, 'caller', 'nine out of ten').waitFor()
  await fact(page, 'Severity', '9').waitFor()
  const {sent, got} = house.proxy.sockets.at(-1) ?? {sent: [], got: []}

  // what the server sent came out as it was, until the caller interrupted it
  expect(said(got, 'cut')[0]).toMatchObject({reply: 1})
  const greeting = sentReply(frames(got), 1)
  expectWhole(delays(greeting.slice(0, 500), await heard(page)))
  expect(breaks(sent)).toEqual([])
  const faults = said(sent, 'health').flatMap((health) => health.faults ?? [])
  expect(faults.filter(({what}) => what === 'underrun')).toEqual([])

  await button(page, 'End the talk').click()
  await screen(page, 'ended').waitFor()
  await page.waitForFunction('held().tracks === 0 && held().contexts === 0')
  await visitor.close()
})

test('a second talk on the same page, with everything our policy forbids', async () => {
  const visitor = await Visitor.of(browser)
  await watchDevices(visitor.context)
  const page = await visitor.open(house.url + PAGE)
  for (const name of ['Talk', 'Start a new talk']) {
    await button(page, name).click()
    await caption(page, 'agent', 'I am an AI').waitFor()
    expect(await page.locator('.captions li').count(), 'of this talk alone').toBe(1)
    expect((await held(page)).tracks).toBe(1)
    const socket = house.proxy.sockets.at(-1)
    await expect.poll(() => said(socket?.sent ?? [], 'played').length).toBeGreaterThan(1)
    await button(page, 'End the talk').click()
    await screen(page, 'ended').waitFor()
    await page.waitForFunction('held().tracks === 0 && held().contexts === 0')
  }
  await visitor.close()
})

test('who would rather type types, and no microphone is opened', async () => {
  const visitor = await Visitor.of(browser)
  await watchDevices(visitor.context)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Type instead').click()
  await caption(page, 'agent').waitFor()
  await write(page, 'about seven')
  await caption(page, 'caller', 'about seven').waitFor()
  await fact(page, 'Severity', '7').waitFor()
  expect((await held(page)).tracks).toBe(0)
  await visitor.close()
})

test('who is quicker than the rest of the widget stands in the text box when it has come', async () => {
  const visitor = await Visitor.of(browser)
  let release = () => {}
  const held = new Promise<void>((done) => {
    release = done
  })
  await visitor.context.route('**/viva-more.js', async (route) => {
    await held
    await route.continue()
  })
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Type instead').click()
  await screen(page, 'text').getByText('One moment').waitFor()
  release()
  await expect.poll(() => focused(page)).toBe('Type your answer')
  await visitor.close()
})

test('who has denied the microphone is told what helps, and types', async () => {
  const visitor = await Visitor.of(browser, {permissions: []})
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Talk').click()
  await page.getByText('may not use your microphone').waitFor()
  await caption(page, 'agent').waitFor()
  await write(page, 'about seven')
  await fact(page, 'Severity', '7').waitFor()
  await visitor.close()
})

test('a microphone that is unplugged in the middle is missed in words, and typing goes on', async () => {
  const visitor = await Visitor.of(browser)
  await watchDevices(visitor.context)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Talk').click()
  await caption(page, 'agent').waitFor()
  await page.evaluate('unplug()')
  await page.getByText('The microphone is gone').first().waitFor()
  await write(page, 'about seven')
  await fact(page, 'Severity', '7').waitFor()
  await visitor.close()
})

test('what was decided about the recording is told once, with the text that was seen', async () => {
  const visitor = await Visitor.of(browser)
  const page = await visitor.open(`${house.url}/t/asking`)
  await page.getByRole('checkbox', {name: 'My voice may be recorded'}).check()
  await button(page, 'Type instead').click()
  await page.getByText('Recording', {exact: true}).waitFor()
  const consents = () => said(house.proxy.sockets.at(-1)?.sent ?? [], 'consent')
  expect(consents()).toEqual([
    expect.objectContaining({decision: 'given', text_version: expect.stringMatching(/^2026-/), lang: 'en'}),
  ])
  await button(page, 'More').click()
  await page.getByRole('menuitem', {name: 'Stop the recording'}).click()
  await page.getByText('Not recorded', {exact: true}).waitFor()
  await expect.poll(() => consents().map(({decision}) => decision)).toEqual(['given', 'withdrawn'])
  await visitor.close()
})

test('a talk is deleted by whoever held it, and nothing of it stays on the screen', async () => {
  const visitor = await Visitor.of(browser)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Type instead').click()
  await caption(page, 'agent').waitFor()
  await write(page, 'about seven')
  await fact(page, 'Severity', '7').waitFor()
  await button(page, 'More').click()
  await page.getByRole('menuitem', {name: 'Delete this talk'}).click()
  await button(page, 'Delete').click()
  await page.getByRole('heading', {name: 'Deleted'}).waitFor()
  expect(await page.getByText('about seven').count()).toBe(0)
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  await visitor.close()
})

test('the keyboard alone: the focus is never lost, and goes where the next step is', async () => {
  const visitor = await Visitor.of(browser)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Talk').waitFor()
  for (const wanted of ['More', 'Talk']) {
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe(wanted)
  }
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await screen(page, 'text').waitFor()
  await expect.poll(() => focused(page)).toBe('Type your answer')
  await page.keyboard.type('about seven')
  await page.keyboard.press('Enter')
  await fact(page, 'Severity', '7').waitFor()
  await expect.poll(() => focused(page)).toBe('Type your answer')
  for (let tabs = 0; tabs < 40 && (await focused(page)) !== 'End the talk'; tabs += 1) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await screen(page, 'ended').waitFor()
  await expect.poll(() => focused(page)).toBe('Start a new talk')
  await visitor.close()
})
