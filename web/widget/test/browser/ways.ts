// A talk on an agent's page, held by microphone, by keyboard alone or by text alone: who answers is told what the agent
// asked, and answers in their way.

import type {Browser, Page} from 'playwright-core'
import type {View, VoiceCall} from '../../../sdk/src/index.ts'
import {type House, Visitor} from '../../../sdk/test/browser/harness.ts'
import {mouthed, speak} from './mouth.ts'
import {button, screen} from './talk_page.ts'

export const WAYS = ['microphone', 'keyboard', 'text'] as const
export type Way = (typeof WAYS)[number]

export type Noted = {readonly [field: string]: {readonly state: string; readonly value: unknown}}

/** What a caller does about a question. */
export interface Reply {
  /** Empty: nothing. */
  readonly say: string
  /** What who has only keys writes on the card of this field instead. Where there is none, they type what they say. */
  readonly field?: string
  readonly value?: string
  /** What to set right on the board before answering. */
  readonly correct?: readonly (readonly [field: string, text: string])[]
}

/** @returns what to do about what was heard, and what is noted so far; null to say nothing. */
export type Caller = (heard: string, facts: View['facts']) => Promise<Reply | null> | Reply | null

/** For this long nobody may have said anything more before a question counts as heard out. */
const CALM_MS = 600
const ON_CARD = '.asking input, .asking textarea'
const TEXT_BOX = '.composer textarea'

/** The whole talk. @returns number of the call on the server. */
export async function hold(house: House, browser: Browser, agent: string, way: Way, caller: Caller): Promise<string> {
  const visitor = await Visitor.of(browser, {viewport: {width: 1280, height: 800}})
  if (way === 'microphone') await mouthed(visitor.context)
  const page = await visitor.open(`${house.url}/t/${agent}`)
  const booked = page.waitForResponse((it) => it.url().endsWith('/api/v1/calls') && it.request().method() === 'POST')
  await begin(page, way)
  const {call} = (await (await booked).json()) as {call: string}
  for (let after = 0, turn = await asked(page, 0); turn !== null; turn = await asked(page, after)) {
    after = turn.turn
    const reply = await caller(turn.text, turn.facts)
    for (const [field, text] of reply?.correct ?? []) await correct(page, field, text)
    if (reply !== null) await answer(page, way, reply, house.folder)
  }
  await screen(page, 'ended').waitFor()
  await visitor.close()
  return call
}

/** What a call's facts came to on the server, by field. */
export async function noted(house: House, call: string): Promise<Noted> {
  const response = await fetch(`${house.url}/api/v1/calls/${call}/facts`)
  const {facts} = (await response.json()) as {facts: readonly {field: string; state: string; value: unknown}[]}
  return Object.fromEntries(facts.map(({field, state, value}) => [field, {state, value}]))
}

async function begin(page: Page, way: Way): Promise<void> {
  const name = way === 'microphone' ? 'Talk' : 'Type instead'
  await button(page, name).waitFor()
  if (way === 'keyboard') {
    await tabTo(page, '.begin .plain')
    await page.keyboard.press('Enter')
  } else await button(page, name).click()
}

async function answer(page: Page, way: Way, {say, field, value}: Reply, folder: string): Promise<void> {
  const onCard = way === 'keyboard' && field !== undefined && value !== undefined && (await isAsked(page, field))
  if (say === '' && !onCard) return
  if (way === 'microphone') return speak(page, say, folder)
  if (way === 'text') {
    await page.locator(TEXT_BOX).fill(say)
    return page.keyboard.press('Enter')
  }
  await tabTo(page, onCard ? ON_CARD : TEXT_BOX)
  await page.keyboard.type(onCard ? value : say)
  await page.keyboard.press('Enter')
}

/** By keys alone: opens the field's line on the board, writes, saves. In a list each item stands on a line. */
export async function correct(page: Page, field: string, text: string): Promise<void> {
  await tabTo(page, `.beside [data-opens="board ${field}"]`)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => {
    const element = document.querySelector('viva-voce')?.shadowRoot?.activeElement
    return element?.matches('.editor input, .editor textarea')
  })
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(text)
  // in a list Enter begins the next line
  const isList = (await page.locator('.beside .editor textarea').count()) > 0
  await page.keyboard.press(isList ? 'Control+Enter' : 'Enter')
  await page.locator('.beside .editor').waitFor({state: 'detached'})
}

/** Presses Tab until it is there, as a person who looks for it does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const isThere = () =>
    page.evaluate(
      (wanted) => document.querySelector('viva-voce')?.shadowRoot?.activeElement?.matches(wanted) === true,
      selector,
    )
  for (let tabs = 0; tabs < 100; tabs++) {
    if (await isThere()) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`want the focus on ${selector} by Tab`)
}

function isAsked(page: Page, field: string): Promise<boolean> {
  return page.evaluate(
    ([id, wanted]) => {
      const name = document.querySelector('viva-voce')?.shadowRoot?.querySelector(wanted)?.ariaLabel ?? ''
      return name.toLowerCase().replaceAll(' ', '_') === id
    },
    [field, ON_CARD] as const,
  )
}

interface Turn {
  /** Everything the agent said since the last one. */
  readonly text: string
  readonly turn: number
  readonly facts: View['facts']
}

/** The agent's next turn, once it is heard out; null when the talk is over. */
async function asked(page: Page, after: number): Promise<Turn | null> {
  const turn = await page.waitForFunction(
    ([since, calmMs]) => {
      const {call} = document.querySelector('viva-voce') as unknown as {call: VoiceCall | null}
      if (call === null) return false
      const {captions, facts, floor, audible, ended} = call.view
      if (ended !== null) return 'over'
      const news = captions.filter(({who, turn}) => who !== 'caller' && turn > since)
      const text = news.map((line) => line.text).join(' ')
      const now = performance.now()
      const calm = globalThis as unknown as {calm?: {text: string; from: number}}
      const isOpen = floor.turn === 'open' && audible === 0 && news.length > 0 && news.every(({final}) => final)
      if (!isOpen || calm.calm?.text !== text) {
        calm.calm = {text: isOpen ? text : '', from: now}
        return false
      }
      return now - calm.calm.from >= calmMs && {text, turn: Math.max(...news.map(({turn}) => turn)), facts}
    },
    [after, CALM_MS] as const,
    {timeout: 60_000, polling: 100},
  )
  const found = await turn.jsonValue()
  return found === 'over' || found === false ? null : found
}
