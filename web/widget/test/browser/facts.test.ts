// Facts in a real browser: corrected by tap and by keys on the board, confirmed and typed on the card; and the face.

import type {Page} from 'playwright-core'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {View} from '../../../sdk/src/index.ts'
import type {Local} from '../../src/ui.ts'
import {Conversation} from './conversation_lab.ts'

let lab: Conversation
let page: Page

beforeAll(async () => {
  lab = await Conversation.open()
  page = lab.page
})

afterAll(() => lab?.close())

beforeEach(() => lab.load('reduce'))

afterEach(() => expect(lab.refused.splice(0)).toEqual([]))

const show = (name: string, view: Partial<View> = {}, local: Partial<Local> = {}) =>
  lab.show(name, view, local, 'bubble')
const corrected = () => lab.corrected()
const board = () => page.getByRole('dialog', {name: 'What we noted'})
const line = (name: RegExp) => board().getByRole('button', {name})
const focusedName = () =>
  page.evaluate(() =>
    document.querySelector('main')?.shadowRoot?.activeElement?.textContent?.replace(/\s+/g, ' ').trim(),
  )
const answered = (field: string, value: unknown): Partial<View> => ({
  facts: {[field]: {field, state: 'answered', value, evidence: [[5, 1000, 2000]]}},
})

describe('the board', () => {
  it('opens a line by a tap, with what is noted in it, and saves by Enter', async () => {
    await show('facts')
    await line(/^Severity 8/).click()
    const box = board().getByRole('textbox', {name: 'Severity'})
    await expect.poll(() => box.evaluate((it) => it === (it.getRootNode() as ShadowRoot).activeElement)).toBe(true)
    expect(await box.inputValue()).toBe('8')
    expect(await box.getAttribute('inputmode')).toBe('decimal')
    await box.fill('9')
    await box.press('Enter')
    await expect.poll(corrected).toEqual([['severity', 9]])
    await expect.poll(focusedName).toMatch(/^Severity 9 \/ 10 Confirmed/)
  })

  it('is left by Esc, which changes nothing and leaves the board open', async () => {
    await show('facts')
    await line(/^Price/).press('Enter')
    const box = board().getByRole('textbox', {name: 'Price'})
    await box.fill('900')
    await box.press('Escape')
    await expect.poll(focusedName).toMatch(/^Price €79/)
    expect(await corrected()).toEqual([])
  })

  it('says beside the box what is wrong, keeps what was typed, and takes it when it is right', async () => {
    await show('facts')
    await line(/^Email/).click()
    const box = board().getByRole('textbox', {name: 'Email'})
    await box.fill('maya@')
    await board().getByRole('button', {name: 'Save'}).click()
    await expect.poll(() => board().getByRole('alert').textContent()).toContain('Please write an e-mail address')
    expect(await box.inputValue()).toBe('maya@')
    expect(await box.getAttribute('aria-invalid')).toBe('true')
    await expect.poll(() => box.evaluate((it) => it === (it.getRootNode() as ShadowRoot).activeElement)).toBe(true)
    await box.pressSequentially('Acme.com')
    expect(await board().locator('.wrong').textContent()).toBe('')
    await box.press('Enter')
    await expect.poll(corrected).toEqual([['email', 'maya@acme.com']])
  })

  it('keeps what is being typed while the agent notes other things', async () => {
    await show('facts')
    await line(/^Price/).click()
    const box = board().getByRole('textbox', {name: 'Price'})
    await box.fill('85')
    await lab.change(answered('price', {amount: 60, currency: 'EUR'}))
    expect(await box.inputValue()).toBe('85')
    await page.getByRole('combobox', {name: 'Currency'}).selectOption('CHF')
    await box.press('Enter')
    await expect.poll(corrected).toEqual([['price', {amount: 85, currency: 'CHF'}]])
  })

  it('has a calendar for a date, buttons for a choice, and a line for each of a list', async () => {
    await show('facts')
    await line(/^Launch/).click()
    await board().locator('input[type=date]').fill('2027-03-01')
    await board().getByRole('button', {name: 'Save'}).click()
    await line(/^Stage/).click()
    await board().getByRole('button', {name: 'Prototype', exact: true}).click()
    await line(/^Rivals/).click()
    const box = board().getByRole('textbox', {name: 'Rivals'})
    await box.pressSequentially('Ledgerly\nA spreadsheet')
    await box.press('Control+Enter')
    await expect.poll(corrected).toEqual([
      ['launch', '2027-03-01'],
      ['stage', 'prototype'],
      ['rivals', ['Ledgerly', 'A spreadsheet']],
    ])
  })

  it('shows a value as text, whatever it is', async () => {
    await show('facts', answered('problem', '<img src=x onerror=alert(1)>'))
    await expect.poll(() => page.locator('.value').first().textContent()).toContain('<img src=x')
    expect(await page.locator('.facts img').count()).toBe(0)
  })

  it('is for reading only when the call is over', async () => {
    await show('ended', {}, {sheet: 'facts'})
    await expect.poll(() => page.locator('.facts .fact').count()).toBe(10)
    expect(await page.locator('.facts button').count()).toBe(0)
  })
})

describe('the card', () => {
  it('is confirmed with one press', async () => {
    await show('talk-open', answered('severity', 8))
    await page.getByRole('button', {name: 'That is right'}).click()
    await expect.poll(corrected).toEqual([['severity', 8]])
    await expect.poll(() => page.locator('.asking').count()).toBe(0)
  })

  it('is changed with what was heard filled in', async () => {
    await show('talk-open', answered('phone', '+493012345'))
    await page.locator('.asking').getByRole('button', {name: 'Change'}).click()
    const box = page.getByRole('textbox', {name: 'Phone'})
    expect(await box.inputValue()).toBe('+493012345')
    expect(await box.getAttribute('inputmode')).toBe('tel')
    await box.fill('+49 30 99999')
    await box.press('Enter')
    await expect.poll(corrected).toEqual([['phone', '+493099999']])
  })

  it('takes what is typed before anything was said, and never takes the focus for itself', async () => {
    await show('asking-email')
    const box = page.locator('.asking').getByRole('textbox', {name: 'Email'})
    expect(await page.evaluate(() => document.querySelector('main')?.shadowRoot?.activeElement ?? null)).toBe(null)
    await box.fill('dana@acme.com')
    await page.locator('.asking').getByRole('button', {name: 'Save'}).click()
    await expect.poll(corrected).toEqual([['email', 'dana@acme.com']])
  })

  it('is hidden when it is not wanted', async () => {
    await show('asking-email')
    await page.getByRole('button', {name: 'Hide this question'}).click()
    await expect.poll(() => page.locator('.asking').getByLabel('Email').count()).toBe(0)
  })

  it('leaves its place to how much is noted, which opens the board', async () => {
    await show('talk-open', answered('problem', 'A day each month.'))
    await page.getByRole('button', {name: 'Noted: 1 of 10'}).click()
    await expect.poll(() => board().locator('.fact').count()).toBe(10)
  })
})

/** Heights of what is drawn of the leading mouth, frame by frame, until `enough` of them were seen. */
function mouths(frames: number): Promise<number[]> {
  return page.evaluate(async (wanted) => {
    const seen: number[] = []
    while (seen.length < wanted) {
      await new Promise(requestAnimationFrame)
      const mouth = document.querySelector('main')?.shadowRoot?.querySelector<SVGPathElement>('[data-leads] .mouth')
      seen.push(mouth?.getBBox().height ?? Number.NaN)
    }
    return seen
  }, frames)
}

describe('the face', () => {
  const speaking: Partial<View> = {facts: {}, floor: {turn: 'agent', holder: 'maya'}, audible: 5}

  it('opens its mouth with the sound and closes it in the frame after a cut', async () => {
    await lab.load('no-preference')
    await show('talk-open', speaking)
    await lab.sound([0.8, 0.4, 0.2])
    await expect.poll(async () => Math.max(...(await mouths(2)))).toBeGreaterThan(12)
    await lab.change({audible: 0})
    expect(Math.max(...(await mouths(2)))).toBeLessThan(8)
  })

  it('holds still for who wants no motion, and shows the level as a ring', async () => {
    await show('talk-open', speaking)
    const drawn = () =>
      page.evaluate(() => {
        const face = document.querySelector('main')?.shadowRoot?.querySelector('[data-leads]')
        const paths = [...(face?.querySelectorAll('path, g') ?? [])]
        return paths.map((it) => it.getAttribute('d') ?? it.getAttribute('transform'))
      })
    const before = await drawn()
    await lab.sound([0.2, 0.1, 0.1])
    await mouths(30)
    expect(await drawn()).toEqual(before)
    expect(await page.locator('[data-leads] .ring').getAttribute('stroke-width')).toBe('6.4')
  })

  it('does nothing where nobody sees it, and nothing when the call is over', async () => {
    await lab.load('no-preference')
    // frames that the page asks for, within ten of the browser's own
    const quiet = () =>
      page.evaluate(async () => {
        const ask = window.requestAnimationFrame
        let asked = 0
        window.requestAnimationFrame = (step) => {
          asked++
          return ask(step)
        }
        for (let frame = 0; frame < 10; frame++) await new Promise((next) => ask(next))
        window.requestAnimationFrame = ask
        return asked
      })
    await show('talk-open', speaking)
    await expect.poll(quiet).toBeGreaterThan(2)
    await page.evaluate(() => document.querySelector('main')?.style.setProperty('display', 'none'))
    await expect.poll(quiet).toBe(0)
    await page.evaluate(() => document.querySelector('main')?.style.removeProperty('display'))
    await expect.poll(quiet).toBeGreaterThan(2)
    await show('ended')
    await expect.poll(quiet).toBe(0)
  })
})
