// What a page hears of its widget: that something changed, and no word of the caller.

import {expect, test} from 'vitest'
import {initial} from '../../../sdk/src/core/view.ts'
import type {View} from '../../../sdk/src/index.ts'
import {news} from '../../src/events.ts'

function heardOf(before: Partial<View>, after: Partial<View>): [string, unknown][] {
  const host = new EventTarget()
  const heard: [string, unknown][] = []
  for (const name of ['viva-screen', 'viva-fact', 'viva-ended']) {
    host.addEventListener(name, (event) => heard.push([event.type, (event as CustomEvent).detail]))
  }
  news(host, {...initial, ...before}, {...initial, ...after})
  return heard
}

const severity = {field: 'severity', state: 'answered', value: 8, evidence: []}
const price = {field: 'price', state: 'asked', value: null, evidence: []}

test('another screen, a fact that changed, an end: each once, and without values', () => {
  expect(heardOf({}, {screen: 'talk'})).toEqual([['viva-screen', {screen: 'talk'}]])
  expect(heardOf({facts: {price}}, {facts: {price, severity}})).toEqual([
    ['viva-fact', {field: 'severity', state: 'answered'}],
  ])
  const ended = {reason: 'caller_hung_up', text: 'You ended the call.'}
  expect(heardOf({}, {ended})).toEqual([['viva-ended', {reason: 'caller_hung_up'}]])
  expect(heardOf({ended}, {ended})).toEqual([])
})

test('nothing is told where nothing changed', () => {
  const captions = [{who: 'caller', turn: 1, text: 'My name is Ann.', final: true}]
  expect(heardOf({}, {captions})).toEqual([])
})
