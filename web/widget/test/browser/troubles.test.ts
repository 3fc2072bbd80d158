// What the agent shows, what goes wrong with a microphone, and what a page has to say to both.

import {afterAll, beforeAll, expect, test} from 'vitest'
import type {View} from '../../../sdk/src/index.ts'
import {Conversation} from './conversation_lab.ts'

let lab: Conversation

beforeAll(async () => {
  lab = await Conversation.open()
})

afterAll(() => lab?.close())

test('what the agent shows is words: no script, no address but of the web, and the talk stays in reach', async () => {
  const markup = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>'
  await lab.show('talk-open', {
    shown: [
      {what: 'link', title: markup.repeat(100), data: {url: 'javascript:document.title="taken"', label: markup}},
      {what: 'table', title: markup, data: {columns: [markup], rows: Array.from({length: 900}, () => [markup])}},
      {what: 'link', title: 'A page', data: {url: 'https://example.com/page', label: 'Read on'}},
    ],
  })
  const link = lab.page.getByRole('link', {name: 'Read on'})
  expect(await link.getAttribute('href')).toBe('https://example.com/page')
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
  for (const text of ['The first 50 of 900 rows are shown.', 'This link was left out']) {
    await lab.page.getByRole('button', {name: 'Earlier'}).click()
    await lab.page.getByText(text).waitFor()
  }
  expect(await lab.page.locator('.exhibit a').count()).toBe(0)
  expect(await lab.page.title()).toBe('Talk')
  const end = await lab.page.getByRole('button', {name: 'End the talk'}).boundingBox()
  expect(end && end.y + end.height).toBeLessThanOrEqual(720)
})

test('what was put away comes back with what is new', async () => {
  const first = {what: 'text', title: 'First', data: {text: 'One.'}}
  await lab.show('talk-open', {shown: [first]})
  await lab.page.getByRole('button', {name: 'Put away'}).click()
  await expect.poll(() => lab.page.locator('.exhibit').count()).toBe(0)
  await lab.change({shown: [first, {what: 'text', title: 'Second', data: {text: 'Two.'}}]})
  await lab.page.getByRole('heading', {name: 'Second'}).waitFor()
})

test('a microphone that is not allowed: why, what to do, and pictures of it', async () => {
  await lab.show('microphone-denied')
  await lab.page.getByRole('heading', {name: 'The microphone is not allowed'}).waitFor()
  await expect.poll(() => lab.page.locator('.picture').count()).toBe(2)
  await lab.page.getByRole('button', {name: 'Type instead'}).click()
  await lab.page.getByRole('button', {name: 'I have allowed it'}).click()
  expect(await lab.done()).toEqual(['act.start "text"', 'act.start "voice"'])
})

test('a frame without a microphone: text at once, a new tab, and its address where no tab opens', async () => {
  const problems: View['problems'] = [{code: 'microphone_blocked', text: 'Not here.', action: 'open_tab', by: 'policy'}]
  await lab.show('text', {problems})
  await lab.page.getByRole('button', {name: 'Talk in a new tab'}).click()
  expect(await lab.done()).toEqual(['act.openTab'])
  await lab.page.locator('summary').click()
  await lab.page.getByText('https://talk.example/t/founder-validation').waitFor()
  expect(await lab.page.getByRole('textbox', {name: 'Type your answer'}).isEnabled()).toBe(true)
})

test('a microphone that is denied in the middle of a text: the words, and the way a press away', async () => {
  const text = 'This page may not use your microphone.'
  const problems: View['problems'] = [{code: 'microphone_denied', text, action: 'allow_microphone', by: 'user'}]
  await lab.show('text')
  const alert = lab.page.locator('.notices [role=alert]')
  expect([await alert.textContent(), await alert.isVisible()]).toEqual(['', false])
  await lab.change({problems})
  expect(await alert.textContent()).toBe(text)
  await lab.page.getByText('How to allow it').first().click()
  await lab.page.locator('.talk .picture').first().waitFor()
  await lab.page.getByRole('button', {name: 'I have allowed it'}).click()
  expect(await lab.done()).toEqual(['act.setMode "voice"'])
  await lab.change({problems: [{...problems[0], by: 'dismissed'} as View['problems'][number]]})
  expect(await lab.page.locator('.talk details').count()).toBe(0)
})

test('who was not asked about recording before is asked in the talk, and what they saw is told', async () => {
  await lab.show('talk-asks-consent')
  await lab.page.getByRole('button', {name: 'Yes, record'}).click()
  await lab.page.getByRole('button', {name: 'No', exact: true}).click()
  const shown = (decision: string) =>
    expect.stringMatching(new RegExp(`^consent "${decision}" .*in the talk","lang":"en"`))
  expect(await lab.done()).toEqual([shown('given'), shown('refused')])
})

test('the sheet of microphones looks for them itself, once', async () => {
  await lab.show('talk-open', {}, {sheet: 'devices'})
  await lab.page.getByText('There is no microphone to choose.').waitFor()
  expect((await lab.done()).filter((call) => call === 'devices')).toHaveLength(1)
  await lab.show('talk-open', {}, {sheet: 'devices', devices: [{id: 'usb', label: ''}]})
  await lab.page.getByRole('button', {name: 'Microphone 1'}).click()
  await expect.poll(() => lab.done()).toEqual(['useMicrophone "usb"'])
})

test.each([
  ['writes', 'Copied'],
  ['refuses', 'It could not be copied. Please save it as a file.'],
])('a clipboard that %s', async (does, words) => {
  await lab.page.evaluate((isRefused) => {
    const writeText = () => (isRefused ? Promise.reject(new Error('no')) : Promise.resolve())
    Object.defineProperty(navigator, 'clipboard', {configurable: true, value: {writeText}})
  }, does === 'refuses')
  await lab.show('transcript')
  await lab.page.getByRole('button', {name: 'Copy as text'}).click()
  await lab.page.getByRole('status').getByText(words).waitFor()
})

test('a screen that nobody owns gives nothing away and leads nowhere', async () => {
  await lab.show('transcript', {}, {}, 'kiosk')
  expect(await lab.page.getByText('Copy as text').count()).toBe(0)
  await lab.show('shown-link', {}, {}, 'kiosk')
  await lab.page.getByText('statistics.example').first().waitFor()
  expect(await lab.page.locator('.exhibit a').count()).toBe(0)
  await lab.show('microphone-policy', {}, {}, 'kiosk')
  await lab.page.getByRole('button', {name: 'Type instead'}).waitFor()
  expect(await lab.page.getByRole('button', {name: 'Talk in a new tab'}).count()).toBe(0)
})

test('the strictest policy has nothing against any of it', async () => {
  lab.refused.length = 0
  for (const name of [
    'talk-open',
    'talk-push',
    'shown-table',
    'shown-sum',
    'microphone-denied',
    'transcript',
    'devices',
  ])
    await lab.show(name)
  expect(lab.refused).toEqual([])
})

test('whatever can be pressed is as large as a thumb', async () => {
  for (const name of ['talk-open', 'talk-push', 'text', 'echo-poor', 'shown-table', 'microphone-policy', 'devices']) {
    await lab.show(name)
    const small = await lab.page
      .locator('.talk button:visible, .permission button:visible, .devices button:visible')
      .evaluateAll((all) =>
        all.flatMap((it) => {
          const {width, height} = it.getBoundingClientRect()
          return width < 44 || height < 44 ? [`${it.textContent?.trim()} ${width}×${height}`] : []
        }),
      )
    expect([name, small]).toEqual([name, []])
  }
})
