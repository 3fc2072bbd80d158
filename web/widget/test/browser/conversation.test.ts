// Taking part in a talk: with fingers and keys, by reading, by listening to a screen reader.

import {afterAll, beforeAll, expect, test} from 'vitest'
import type {View} from '../../../sdk/src/index.ts'
import {Conversation} from './conversation_lab.ts'

let lab: Conversation

beforeAll(async () => {
  lab = await Conversation.open()
})

afterAll(() => lab?.close())

test('one holds the button with a finger or a mouse, and is heard until it is let go', async () => {
  await lab.show('talk-push')
  const box = await lab.page.getByRole('button', {name: 'Hold to talk'}).boundingBox()
  if (box === null) throw new Error('want a button to hold, got none')
  await lab.page.mouse.move(box.x + box.width / 2, box.y + 20)
  await lab.page.mouse.down()
  await expect.poll(() => lab.done()).toEqual(['talk true'])
  const downAt = await lab.page.evaluate(() => performance.now())
  await lab.page.mouse.move(10, 10) // the finger slips off, and still holds
  await lab.page.waitForFunction((at) => performance.now() - at > 400, downAt)
  await lab.page.mouse.up()
  await expect.poll(() => lab.done()).toEqual(['talk true', 'talk false'])
})

test.each(['Space', 'Enter'])('%s holds as well, and does not repeat', async (key) => {
  await lab.show('talk-push')
  const button = lab.page.getByRole('button', {name: 'Hold to talk'})
  await button.focus()
  await lab.page.keyboard.down(key)
  await lab.page.keyboard.down(key) // as a key that is held repeats
  const downAt = await lab.page.evaluate(() => performance.now())
  await lab.page.waitForFunction((at) => performance.now() - at > 400, downAt)
  expect(await lab.done()).toEqual(['talk true'])
  await lab.page.keyboard.up(key)
  await expect.poll(() => lab.done()).toEqual(['talk true', 'talk false'])
})

test('who cannot hold presses once to start and once to stop', async () => {
  await lab.show('talk-push')
  const button = lab.page.locator('[data-does=hold]')
  await button.click()
  await expect.poll(() => button.textContent()).toBe('Stop talking')
  await button.click()
  await expect.poll(() => lab.done()).toEqual(['talk true', 'talk false'])
})

test('a screen reader that only presses is understood', async () => {
  await lab.show('talk-push')
  const button = lab.page.locator('[data-does=hold]')
  await button.evaluate((it: HTMLElement) => it.click())
  await expect.poll(() => button.textContent()).toBe('Stop talking')
  await button.evaluate((it: HTMLElement) => it.click())
  await expect.poll(() => lab.done()).toEqual(['talk true', 'talk false'])
})

test('who takes their time says that they are through', async () => {
  await lab.show('talk-patient')
  await lab.page.getByRole('button', {name: 'I am done'}).click()
  expect(await lab.done()).toEqual(['done'])
  await lab.show('talk-caller')
  expect(await lab.page.getByRole('button', {name: 'I am done'}).count()).toBe(0)
})

test('a page that shows the facts beside the talk draws no second board over it', async () => {
  await lab.show('talk-caller')
  expect(await lab.page.locator('.facts').count()).toBe(1)
  await lab.show('facts')
  expect(await lab.page.locator('.facts').count()).toBe(1)
})

test('Enter sends what was typed, with Shift it is a new line', async () => {
  await lab.show('talk-open')
  const box = lab.page.getByRole('textbox', {name: 'Type your answer'})
  await box.fill('About 80 euros')
  await box.press('Shift+Enter')
  await box.pressSequentially('a month')
  await box.press('Enter')
  expect(await lab.done()).toEqual(['type "About 80 euros\\na month"'])
  expect(await box.inputValue()).toBe('')
})

test('Enter that chooses a word of Japanese sends nothing', async () => {
  await lab.show('talk-open', {}, {draft: 'にほん'})
  await lab.page.locator('textarea').evaluate((it) => {
    it.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))
  })
  expect(await lab.done()).toEqual([])
})

test('too much is kept, and said so', async () => {
  await lab.show('talk-open', {}, {draft: 'x'.repeat(4003)})
  await lab.page.locator('textarea').press('Enter')
  expect(await lab.done()).toEqual([])
  expect(await lab.page.locator('.composer [role=status]').textContent()).toContain('3 characters')
  expect(await lab.page.getByRole('button', {name: 'Send'}).isDisabled()).toBe(true)
})

test('the newest words are in sight, and who has scrolled up reads in peace', async () => {
  const captions = Array.from({length: 40}, (_, turn) => ({
    who: turn % 2 ? 'caller' : 'alex',
    turn,
    text: `Sentence number ${turn}, which is long enough to need more than one line.`,
    final: true,
  }))
  await lab.show('talk-open', {captions, facts: {}})
  const newest = lab.page.locator('.captions li').last()
  const scroller = lab.page.locator('.captions .scroll')
  const gap = async () => {
    const [line, box] = [await newest.boundingBox(), await scroller.boundingBox()]
    return line && box ? Math.round(line.y + line.height - box.y - box.height) : Number.NaN
  }
  expect(await gap()).toBeLessThanOrEqual(0)
  const button = lab.page.getByRole('button', {name: 'Go to the newest'})
  expect(await button.isVisible()).toBe(false)
  await scroller.evaluate((it) => it.scrollTo({top: -400}))
  await expect.poll(() => button.isVisible()).toBe(true)
  const seen = await scroller.evaluate((it) => it.scrollTop)
  await lab.change({captions: [...captions, {who: 'alex', turn: 40, text: 'And one more.', final: true}]})
  expect(await scroller.evaluate((it) => it.scrollTop)).toBeLessThanOrEqual(seen)
  await button.click()
  await expect.poll(gap).toBeLessThanOrEqual(0)
})

test('a screen reader is told whole sentences where the agent is not heard', async () => {
  const spoken = lab.page.locator('.captions [aria-live=polite]')
  const half = {who: 'maya', turn: 6, text: 'Then let us', final: false}
  await lab.show('text')
  const before = await spoken.textContent()
  const captions = await lab.page.evaluate(() => [] as View['captions'])
  await lab.change({captions: [...captions, half]})
  expect(await spoken.textContent()).toBe('')
  await lab.change({captions: [...captions, {...half, text: 'Then let us look.', final: true}]})
  expect(await spoken.textContent()).toBe('Then let us look.')
  expect(before).not.toBe('')
})

test('on the smallest phone mute and end stay in reach, whatever is shown', async () => {
  await lab.page.setViewportSize({width: 320, height: 568})
  for (const name of ['shown-table', 'sound-suspended', 'talk-push', 'text']) {
    await lab.show(name)
    const ends = await lab.page.locator('.controls button').evaluateAll((all) =>
      all.map((it) => {
        const {bottom, right} = it.getBoundingClientRect()
        return bottom <= innerHeight && right <= innerWidth
      }),
    )
    expect([name, ends.length > 0 && ends.every(Boolean)]).toEqual([name, true])
  }
  await lab.page.setViewportSize({width: 400, height: 720})
})
