// Push-to-talk and the pace, from the page to the worker.

import {beforeEach, expect, test} from 'vitest'
import type {CallOptions, VoiceCall} from '../../src/session/options.ts'
import {createCall} from '../../src/session/session.ts'
import {FakeBrowser} from './browser.ts'

let browser: FakeBrowser
let call: VoiceCall

beforeEach(() => {
  browser = new FakeBrowser()
  call = createCall({agent: 'founder'}, browser.host)
})

async function talk(): Promise<void> {
  await call.start()
  browser.newest.line('live')
}

/** What the worker was told of the microphone and of turns, since the start. */
function told(): readonly string[] {
  return browser.newest.posted
    .map(({message}) => message)
    .filter(({kind}) => kind === 'mute' || kind === 'done')
    .map(({kind, on}) => (kind === 'done' ? 'done' : on ? 'closed' : 'open'))
}

test('one is heard while the key is down, and a little longer; then the turn is over', async () => {
  call.pushToTalk(true)
  await talk()
  expect(told()).toEqual(['closed'])
  call.talk(true)
  call.talk(true)
  expect(call.view.talking).toBe(true)
  expect(told().slice(1)).toEqual(['open'])
  call.talk(false)
  expect(call.view.talking).toBe(false)
  browser.clock.turn(0.19)
  expect(told().at(-1)).toBe('open')
  browser.clock.turn(0.01)
  expect(told().slice(-2)).toEqual(['closed', 'done'])
  call.talk(false)
  browser.clock.turn(1)
  expect(told().filter((kind) => kind === 'done')).toHaveLength(1)
})

test('who presses again at once has not ended the turn', async () => {
  await talk()
  call.pushToTalk(true)
  call.talk(true)
  call.talk(false)
  browser.clock.turn(0.1)
  call.talk(true)
  browser.clock.turn(5)
  expect(told()).not.toContain('done')
  expect(told().at(-1)).toBe('open')
})

test('without push-to-talk the key does nothing, and giving it up opens the microphone', async () => {
  await talk()
  call.talk(true)
  expect(call.view.talking).toBe(false)
  expect(told()).toEqual([])
  call.pushToTalk(true)
  expect(told().at(-1)).toBe('closed')
  call.talk(true)
  call.talk(false)
  call.pushToTalk(false)
  browser.clock.turn(1)
  expect(told().at(-1)).toBe('open')
  expect(told()).not.toContain('done')
})

test('who has muted is not heard by the key', async () => {
  await talk()
  call.mute(true)
  call.pushToTalk(true)
  call.talk(true)
  expect(told()).not.toContain('open')
  call.mute(false)
  expect(told().at(-1)).toBe('open')
  call.pushToTalk(false)
  call.mute(true)
  expect(told().at(-1)).toBe('closed')
})

test('the microphone of another call is closed from its beginning, though the key was down in the one before', async () => {
  call.pushToTalk(true)
  await talk()
  call.talk(true)
  call.leave()
  await talk()
  expect(browser.workers).toHaveLength(2)
  expect(browser.newest.told.slice(0, 3)).toEqual(['booked', 'mute', 'connect'])
  expect(told()).toEqual(['closed'])
})

test('a key let go in the last moment of a call ends no turn of the next one', async () => {
  call.pushToTalk(true)
  await talk()
  call.talk(true)
  call.talk(false)
  browser.newest.line('ended')
  await talk()
  browser.clock.turn(1)
  expect(browser.workers).toHaveLength(2)
  expect(told()).toEqual(['closed'])
})

test('nothing is left waiting by who leaves with the key let go', async () => {
  call.pushToTalk(true)
  await talk()
  call.talk(true)
  call.talk(false)
  call.leave()
  browser.clock.turn(3)
  expect(browser.clock.waiting).toBe(0)
  expect(told()).not.toContain('done')
})

test('who has said what they had to say is answered at once; in writing there is nothing to end', async () => {
  call.done()
  await talk()
  call.done()
  expect(told()).toEqual(['done'])
  await call.setMode('text')
  call.done()
  expect(told()).toEqual(['done'])
})

test.each<[string, CallOptions, (call: VoiceCall) => void, boolean, string]>([
  ['the option', {agent: 'a', pace: 'interview'}, () => {}, true, 'interview'],
  ['the caller, before the start', {agent: 'a'}, (call) => call.takeTime(true), true, 'interview'],
  ['the caller, over the option', {agent: 'a', pace: 'interview'}, (call) => call.takeTime(false), false, 'casual'],
])('the pace of %s is said in the hello', async (_, options, choose, takesTime, pace) => {
  call = createCall(options, browser.host)
  choose(call)
  expect(call.view.takesTime).toBe(takesTime)
  await talk()
  expect(browser.newest.the('start')).toMatchObject({hello: {pace}})
})

test('the pace can be changed in the middle, and is the same for the worker that takes the place of another', async () => {
  await talk()
  expect(browser.newest.the('start')?.['hello']).not.toHaveProperty('pace')
  call.takeTime(true)
  expect(browser.newest.posted.at(-1)?.message).toEqual({kind: 'pace', pace: 'interview'})
  browser.newest.says({kind: 'keep', keepsake: {call: '0f', resume: 'R1', reply: 0, samples: 0}})
  browser.newest.breaks('died')
  await new Promise(setImmediate)
  expect(browser.workers).toHaveLength(2)
  expect(browser.newest.the('start')).toMatchObject({hello: {pace: 'interview'}})
})
