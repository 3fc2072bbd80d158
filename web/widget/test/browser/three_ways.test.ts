// The same talk by microphone, by keyboard alone and by text alone ends with the same facts. The founder interview is held
// so by `make three-ways`.

import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {House, launch} from '../../../sdk/test/browser/harness.ts'
import {type Caller, hold, noted, type Reply, WAYS, type Way} from './ways.ts'

const SHORT = `\
spec: 1
name: short
title: Two
speakers:
  alex: {voice: warm-baritone, role: Asks}
objectives:
  first:
    by: alex
    ask: How bad is it, from zero to ten?
    collect: {severity: 0..10!}
  second:
    by: alex
    ask: What price do you have in mind?
    collect: {price: money!}
limits: {minutes: 5, idle: 30s}
consent: {disclose: badge, record: never, keep: 1d}
`

let house: House
let browser: Browser

beforeAll(async () => {
  house = await House.open({short: SHORT}, {VIVA_PACE: 'casual'})
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await house?.close()
})

/** Who has only keys writes numbers on cards, the first of them wrong, and sets that right on the board. */
const callers: {readonly [way in Way]: Caller} = {
  microphone: answers,
  text: answers,
  keyboard(heard) {
    if (heard.includes('zero to ten')) return {say: '', field: 'severity', value: '7'}
    if (heard.includes('price')) return {say: '', field: 'price', value: '90', correct: [['severity', '9']]}
    return null
  },
}

function answers(heard: string): Reply | null {
  if (heard.includes('zero to ten')) return {say: 'about nine out of ten'}
  return heard.includes('price') ? {say: 'it is ninety dollars a month'} : null
}

test.concurrent.each(WAYS)('by %s', async (way) => {
  const facts = await noted(house, await hold(house, browser, 'short', way, callers[way]))
  const state = way === 'keyboard' ? 'confirmed' : 'answered'
  expect(facts).toEqual({severity: {state, value: 9}, price: {state, value: {amount: 90, currency: 'USD'}}})
})
