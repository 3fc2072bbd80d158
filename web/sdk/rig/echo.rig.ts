// `make echo-rig`: an agent's page in a real browser whose loudspeaker is heard by its microphone. How often does the agent
// stop for its own echo, and how soon does it stop for a person? Prints a table; takes some minutes.

import {execFile} from 'node:child_process'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {type Browser, chromium} from 'playwright-core'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {button, caption, PAGE, screen} from '../../widget/test/browser/talk_page.ts'
import {House, Visitor} from '../test/browser/harness.ts'
import type {Message} from '../test/browser/proxy.ts'
import {said} from '../test/browser/wire.ts'
import {Room} from './acoustics.ts'

const CALLS = Number(process.env['RIG_CALLS'] ?? 5)
/** The greeting of the agent takes eleven seconds; an echo canceller has settled after three. */
const LISTEN_MS = 10_000
const SPEAK_AFTER_MS = 4_000
const SENTENCES = [
  'No, wait a moment please.',
  'Stop.',
  'Excuse me, I have a question.',
  'Hang on, that is wrong.',
  'Hello?',
]

type Row = {readonly name: string; readonly cells: readonly string[]}

let house: House
let room: Room
let browser: Browser
const rows: Row[] = []

beforeAll(async () => {
  house = await House.open()
  room = await Room.open()
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    env: room.env as {[name: string]: string},
    ignoreDefaultArgs: ['--mute-audio'], // else nothing reaches the loudspeaker
    args: ['--no-sandbox', '--disable-background-networking', '--use-fake-ui-for-media-stream'],
  })
})

afterAll(async () => {
  await browser?.close()
  await room?.close()
  await house?.close()
  process.stdout.write(
    `\n| microphone | agent alone, ${(CALLS * LISTEN_MS) / 1000} s: doubts | holds | cuts | return loss, dB | people heard | held after, ms | cut after, ms |\n`,
  )
  process.stdout.write('|---|---|---|---|---|---|---|---|\n')
  for (const {name, cells} of rows) process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`)
})

/** A call until the agent speaks; then `during` it. */
async function talk(
  cancels: boolean,
  during: (traffic: {sent: readonly Message[]; got: readonly Message[]}) => Promise<void>,
) {
  const visitor = await Visitor.of(browser)
  if (!cancels) await visitor.context.addInitScript(withoutCancelling)
  const page = await visitor.open(house.url + PAGE)
  await button(page, 'Talk').click()
  await caption(page, 'agent', 'I am an AI').waitFor()
  const traffic = house.proxy.sockets.at(-1)
  if (traffic === undefined) throw new Error('want a socket, got none')
  await expect.poll(() => said(traffic.sent, 'played').length, {timeout: 20_000}).toBeGreaterThan(0)
  await during(traffic)
  await button(page, 'End the talk').click()
  await screen(page, 'ended').waitFor()
  await visitor.close()
}

function withoutCancelling(): void {
  const {mediaDevices} = navigator
  if (mediaDevices === undefined) return
  const open = mediaDevices.getUserMedia.bind(mediaDevices)
  mediaDevices.getUserMedia = (wish) =>
    open({...wish, audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false}})
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]

/** Seconds of silence before somebody speaks in a WAV file. */
async function spoken(text: string, index: number): Promise<string> {
  const path = join(house.folder, `near-${index}.wav`)
  await promisify(execFile)('flite', ['-voice', index % 2 === 0 ? 'rms' : 'slt', '-t', text, '-o', path])
  return path
}

test.each([
  ['cancelled by the browser', true],
  ['raw', false],
] as const)(
  '%s',
  async (name, cancels) => {
    const alone = {doubts: 0, holds: 0, cuts: 0}
    const losses: number[] = []
    for (let call = 0; call < CALLS; call++) {
      await talk(cancels, async ({sent, got}) => {
        await sleep(LISTEN_MS)
        alone.doubts += said(sent, 'doubt').length
        alone.holds += said(got, 'hold').length
        alone.cuts += said(got, 'cut').length
        for (const {return_loss_db: loss} of said(sent, 'levels').slice(-1)) if (loss != null) losses.push(loss)
      })
    }
    const holds: number[] = []
    const cuts: number[] = []
    let heard = 0
    for (let call = 0; call < CALLS; call++) {
      const wav = await spoken(SENTENCES[call % SENTENCES.length] ?? '', call)
      await talk(cancels, async ({sent, got}) => {
        await sleep(SPEAK_AFTER_MS)
        const since = performance.now()
        const after = (messages: readonly Message[]) => messages.filter(({at}) => at >= since)
        await room.hear(wav)
        await sleep(1_000)
        const at = (messages: readonly Message[], kind: string) =>
          after(messages).find((message) => 'text' in message && message.text.includes(`"kind":"${kind}"`))?.at
        const first = Math.min(at(sent, 'doubt') ?? Infinity, at(got, 'hold') ?? Infinity)
        const cut = at(got, 'cut')
        if (Number.isFinite(first)) holds.push(first - since)
        if (cut !== undefined) {
          heard += 1
          cuts.push(cut - since)
        }
      })
    }
    const ms = (values: readonly number[]) => (values.length > 0 ? `${Math.round(median(values) ?? 0)}` : '–')
    const loss = losses.length > 0 ? `${Math.round(median(losses) ?? 0)}` : '–'
    rows.push({
      name,
      cells: [`${alone.doubts}`, `${alone.holds}`, `${alone.cuts}`, loss, `${heard} of ${CALLS}`, ms(holds), ms(cuts)],
    })
  },
  600_000,
)
