// What a caller has the server forget, and what they have decided about recording.

import {beforeEach, expect, test} from 'vitest'
import type {VoiceCall} from '../../src/session/options.ts'
import {createCall} from '../../src/session/session.ts'
import {FakeBrowser} from './browser.ts'
import {settled} from './time.ts'

let browser: FakeBrowser
let call: VoiceCall

beforeEach(() => {
  browser = new FakeBrowser()
  call = createCall({agent: 'founder', context: {'page.title': 'Shop'}, pass: 'P'}, browser.host)
})

async function talk(consent = 'ask'): Promise<void> {
  await call.start()
  browser.newest.line('live')
  browser.newest.says({kind: 'erasable', token: 'E1'})
  browser.newest.says({kind: 'keep', keepsake: {call: '0f', resume: 'R1', reply: 0, samples: 0}})
  browser.newest.passes({kind: 'welcome', call: '0f', resume: 'R1', consent})
  browser.newest.passes({kind: 'caption', who: 'caller', turn: 1, text: 'A secret.', final: true})
}

const erasures = () => browser.requests.filter((request) => request.includes('erasures'))
const saying = (status: number) => async () => new Response(null, {status})

test('the page and its pass are told where each belongs', async () => {
  await talk()
  expect(browser.requests).toEqual(['https://talk.example/api/v1/calls {"agent":"founder","pass":"P"}'])
  expect(browser.newest.the('start')).toMatchObject({hello: {context: {'page.title': 'Shop'}}})
})

test('during the call: the server forgets it, then it ends, and nothing of it is left here', async () => {
  await talk()
  browser.answer = saying(204)
  expect(await call.erase()).toBe(true)
  expect(erasures()).toEqual(['https://talk.example/api/v1/erasures {"token":"E1"}'])
  expect(call.view).toMatchObject({screen: 'ended', ended: {reason: 'erased'}, mayErase: false})
  expect(JSON.stringify(call.view)).not.toContain('secret')
  expect(browser.newest.told.at(-1)).toBe('leave')
  expect(browser.open).toEqual({microphones: 0, contexts: 0, outputs: 0})
  expect(browser.storage.items.size).toBe(0)
  expect(await call.erase()).toBe(false)
  expect(erasures()).toHaveLength(1)
})

test('after the call, until the next one begins', async () => {
  await talk()
  call.leave()
  expect(call.view).toMatchObject({mayErase: true, screen: 'ended'})
  browser.answer = saying(204)
  expect(await call.erase()).toBe(true)
  expect(call.view.captions).toEqual([])

  browser.answer = () => Response.json({ticket: 'T'}, {status: 201})
  await talk()
  call.leave()
  await call.start()
  expect(call.view.mayErase).toBe(false)
  expect(await call.erase()).toBe(false)
  expect(erasures()).toHaveLength(1)
})

test.each<[string, () => Response | Promise<Response>]>([
  ['refuses', saying(401)],
  ['is too busy', saying(429)],
  ['is not there', () => Promise.reject(new TypeError('Failed to fetch'))],
])('a server that %s: the call goes on, and it can be tried again', async (_, answer) => {
  await talk()
  browser.answer = answer
  expect(await call.erase()).toBe(false)
  expect(call.view).toMatchObject({screen: 'talk', mayErase: true, captions: [{text: 'A secret.'}]})
  browser.answer = saying(204)
  expect(await call.erase()).toBe(true)
})

test('a server that says nothing is waited for as long as a person would', async () => {
  await talk()
  browser.answer = () => new Promise(() => {})
  const erased = call.erase()
  await settled()
  browser.clock.turn(10)
  expect(await erased).toBe(false)
})

test('an answer that comes when another call is on harms that one not', async () => {
  await talk()
  let answer = (_: Response) => {}
  browser.answer = () =>
    new Promise((resolve) => {
      answer = resolve
    })
  const erased = call.erase()
  await settled()
  call.leave()
  browser.answer = () => Response.json({ticket: 'T'}, {status: 201})
  await call.start()
  browser.newest.line('live')
  browser.newest.says({kind: 'erasable', token: 'E2'})
  answer(new Response(null, {status: 204}))
  expect(await erased).toBe(true)
  expect(call.view).toMatchObject({screen: 'talk', mayErase: true})
})

test('the leave to erase is in no storage', async () => {
  await talk()
  expect([...browser.storage.items.values()].join()).toContain('R1')
  expect([...browser.storage.items.values()].join()).not.toContain('E1')
})

test('a decision is told with the text that was seen; before the call it waits until it is asked for', async () => {
  call.consent('given', {version: '2026-11', lang: 'de'})
  expect(call.view.consent).toBe('')
  await talk()
  expect(browser.newest.the('consent')).toEqual({
    kind: 'consent',
    decision: 'given',
    textVersion: '2026-11',
    lang: 'de',
  })
  expect(call.view.consent).toBe('given')
  call.leave()
  await talk()
  expect(call.view.consent).toBe('ask')
  call.consent('refused', {version: '2026-11', lang: 'fr'})
  expect(browser.newest.the('consent')).toMatchObject({decision: 'refused', lang: 'fr'})
})

test('nobody is told a decision who never asked', async () => {
  call.consent('refused', {version: '1', lang: 'en'})
  await talk('never')
  expect(browser.newest.told).not.toContain('consent')
})
