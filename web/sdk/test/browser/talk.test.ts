// The bare page on a real server in a real browser: what a visitor sees, hears and may do.

import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {House, held, launch, Visitor, watchDevices} from './harness.ts'
import {button, caption, fact, PAGE, write} from './page.ts'
import {spoken} from './speech.ts'
import {delays, expectWhole, heard, sentReply, tapped} from './tap.ts'
import {breaks, frames, said} from './wire.ts'

let house: House
let browser: Browser

beforeAll(async () => {
  house = await House.open()
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
  expect(await held(page)).toEqual({tracks: 0, contexts: 0})
  await button(page, 'Talk').click()
  await caption(page, 'agent', 'I am an AI').waitFor()
  await caption(page, 'caller', 'nine out of ten').waitFor()
  await fact(page, 'severity', '9').waitFor()
  const {sent, got} = house.proxy.sockets.at(-1) ?? {sent: [], got: []}

  // what the server sent came out as it was, until the caller interrupted it
  const cut = said(got, 'cut')[0]
  expect(cut).toMatchObject({reply: 1})
  const greeting = sentReply(frames(got), 1)
  expectWhole(delays(greeting.slice(0, 500), await heard(page)))
  expect(breaks(sent)).toEqual([])
  expect(
    said(sent, 'health')
      .flatMap(({faults}) => faults ?? [])
      .filter(({what}) => what === 'underrun'),
  ).toEqual([])

  await button(page, 'End').click()
  await page.locator('main[data-screen=ended]').waitFor()
  await page.waitForFunction('held().tracks === 0 && held().contexts === 0')
  await visitor.close()
})

test('a second talk on the same page, with everything our policy forbids', async () => {
  const visitor = await Visitor.of(browser)
  await watchDevices(visitor.context)
  const page = await visitor.open(house.url + PAGE)
  for (const name of ['Talk', 'Talk again']) {
    await button(page, name).click()
    await caption(page, 'agent', 'I am an AI').waitFor()
    await page.locator('#speaker', {hasText: 'Alex'}).waitFor()
    expect(await page.locator('#captions li').count(), 'of this talk alone').toBe(1)
    expect((await held(page)).tracks).toBe(1)
    const socket = house.proxy.sockets.at(-1)
    await expect.poll(() => said(socket?.sent ?? [], 'played').length).toBeGreaterThan(1)
    await button(page, 'End').click()
    await page.locator('main[data-screen=ended]').waitFor()
    await page.waitForFunction('held().tracks === 0 && held().contexts === 0')
  }
  await visitor.close()
})

test('who would rather type types, and no microphone is opened', async () => {
  const visitor = await Visitor.of(browser)
  await watchDevices(visitor.context)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Type instead').click()
  await caption(page, 'agent').first().waitFor()
  await write(page, 'about seven')
  await caption(page, 'caller', 'about seven').waitFor()
  await fact(page, 'severity', '7').waitFor()
  expect((await held(page)).tracks).toBe(0)
  await visitor.close()
})

test('who has denied the microphone is told what helps, and types', async () => {
  const visitor = await Visitor.of(browser, {permissions: []})
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Talk').click()
  await page.getByRole('alert').getByText('may not use your microphone').waitFor()
  await caption(page, 'agent').first().waitFor()
  await write(page, 'about seven')
  await fact(page, 'severity', '7').waitFor()
  await visitor.close()
})

test('a microphone that is unplugged in the middle is missed in words, and typing goes on', async () => {
  const visitor = await Visitor.of(browser)
  await watchDevices(visitor.context)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Talk').click()
  await caption(page, 'agent').first().waitFor()
  await page.evaluate('unplug()')
  await page.getByRole('alert').getByText('microphone is gone').waitFor()
  await write(page, 'about seven')
  await fact(page, 'severity', '7').waitFor()
  await visitor.close()
})

test('the keyboard alone: the focus is never lost, and goes where the next step is', async () => {
  const visitor = await Visitor.of(browser)
  const page = await visitor.open(house.url + PAGE)
  const focused = () => page.evaluate(() => document.activeElement?.id)
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('voice')
  await page.keyboard.press('Enter')
  await page.locator('main[data-screen=talk]').waitFor()
  expect(await focused()).toBe('attention')
  for (const wanted of ['words', '', 'mute']) {
    await page.keyboard.press('Tab')
    expect(await focused()).toBe(wanted)
  }
  await page.keyboard.press('Space')
  await page.locator('#turn', {hasText: 'you are muted'}).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('main[data-screen=text]').waitFor()
  expect(await focused()).toBe('words')
  await page.keyboard.type('about seven')
  await page.keyboard.press('Enter')
  await fact(page, 'severity', '7').waitFor()
  for (let tabs = 0; tabs < 3; tabs += 1) await page.keyboard.press('Tab')
  expect(await focused()).toBe('leave')
  await page.keyboard.press('Enter')
  await page.locator('main[data-screen=ended]').waitFor()
  expect(await focused()).toBe('attention')
  await visitor.close()
})

test('on a small screen what is new stays in sight, also when something is to be said above it', async () => {
  const visitor = await Visitor.of(browser, {viewport: {width: 360, height: 420}})
  await watchDevices(visitor.context)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Talk').click()
  await caption(page, 'agent', 'I am an AI').waitFor()
  await page.evaluate('unplug()')
  await page.getByRole('alert').getByText('microphone is gone').waitFor()
  await write(page, 'about seven')
  await caption(page, 'caller', 'about seven').waitFor()
  await caption(page, 'agent', 'price').waitFor()
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY))
    .toBeLessThan(2)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
  await visitor.close()
})
