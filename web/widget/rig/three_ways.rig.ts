// `make three-ways`: the founder interview on an agent's page, by microphone, by keyboard alone and by text alone. Prints
// what each of them ends with; takes ten minutes.

import {readFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {isDeepStrictEqual} from 'node:util'
import type {Browser} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {House, launch} from '../../sdk/test/browser/harness.ts'
import {type Caller, hold, noted, type Way} from '../test/browser/ways.ts'
import {Dana} from './dana.ts'

const FOUNDER = resolve(import.meta.dirname, '../../../examples/agents/founder.yaml')
/** What Dana's answers are in figures, for who has only keys and writes them on the card. */
const FIGURES: {readonly [field: string]: string} = {
  severity: '9',
  per_month: '2',
  buyers: '40000',
  price: '90',
  churn: '5',
  margin: '80',
  cac: '200',
}

/** After this she looks the board over for what was never understood. */
const LAST = 'cac'

type Facts = {readonly [field: string]: unknown}

let house: House
let browser: Browser
const found = new Map<Way, Facts>()
const corrected = new Map<Way, string[]>()

beforeAll(async () => {
  house = await House.open({founder: await readFile(FOUNDER, 'utf8')})
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await house?.close()
  const ways = [...found.keys()]
  const fields = new Set([...found.values()].flatMap((facts) => Object.keys(facts)))
  const rows = [...fields].map((field) => [field, ...ways.map((way) => JSON.stringify(found.get(way)?.[field]))])
  const by = ['set right on the board', ...ways.map((way) => corrected.get(way)?.join('; ') || 'nothing')]
  const lines = [['fact', ...ways], ['', ...ways].map(() => '---'), ...rows, by]
  process.stdout.write(`\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`)
})

/**
 * Dana, who reads along what is noted of her answers and sets right what was misheard.
 * @param meant what her answers come to; nothing when that is still to be found out.
 */
function reading(dana: Dana, meant: Facts, noticed: string[]): Caller {
  return async (heard, facts) => {
    const answer = await dana.hear(heard)
    const correct = Object.entries(meant).flatMap(([field, value]): [string, string][] => {
      const fact = facts[field]
      const isMissed = fact?.state !== 'answered' && answer?.topic === LAST && field !== LAST
      const isWrong = fact?.state === 'answered' && !isDeepStrictEqual(fact.value, value)
      if (value === null || !(isMissed || isWrong) || fact?.state === 'confirmed') return []
      noticed.push(`${field}: ${JSON.stringify(fact?.value ?? null)}`)
      return [[field, typed(value)]]
    })
    if (answer === null) return correct.length > 0 ? {say: '', correct} : null
    const figure = answer.sort === 'refusal' ? undefined : FIGURES[answer.topic]
    return {say: answer.say, correct, ...(figure === undefined ? {} : {field: answer.topic, value: figure})}
  }
}

/** As one writes it into an editor. */
function typed(value: unknown): string {
  if (Array.isArray(value)) return value.join('\n')
  const money = value as {amount?: number; currency?: string}
  return money.amount === undefined ? String(value) : `${money.amount} ${money.currency}`
}

// text comes first: what it ends with is what the others are held against
test.each(['text', 'keyboard', 'microphone'] as const)('by %s', {timeout: 900_000}, async (way) => {
  const dana = Dana.open()
  const noticed: string[] = []
  corrected.set(way, noticed)
  try {
    const call = await hold(house, browser, 'founder', way, reading(dana, found.get('text') ?? {}, noticed))
    const facts = await noted(house, call)
    found.set(way, Object.fromEntries(Object.entries(facts).map(([field, {value}]) => [field, value])))
  } finally {
    dana.close()
  }
  expect(found.get(way)).toMatchObject({severity: 9, price: {amount: 90, currency: 'USD'}})
  expect(found.get(way)).toEqual(found.get('text'))
})
