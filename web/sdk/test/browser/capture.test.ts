// The microphone's way in real Chromium: from a fake device through the processors to a worker.

import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Browser, Frame, Page} from 'playwright-core'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import type {Collected, Lab, LabOptions} from './lab/capture_page.ts'
import {LabSite, listening} from './lab/site.ts'
import {spoken} from './speech.ts'

const FRAME = 512

declare const makeLab: () => Lab
declare global {
  interface Window {
    lab: Lab
  }
}

let folder: string
let speech: string
let site: LabSite
let browser: Browser

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viva-capture-'))
  speech = await spoken(folder, 'The quick brown fox jumps over the lazy dog, and the dog does not mind at all.', 0.2)
  site = await LabSite.open('test/browser/lab/capture_page.ts')
  browser = await listening(speech)
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
})

afterAll(async () => {
  await browser.close()
  await site.close()
  await rm(folder, {recursive: true, force: true})
})

/** A page whose microphone hears the sentence again and again. `granted`: leave was given. */
async function visit({granted = true, url = site.url, before = ''} = {}): Promise<Page> {
  const context = await browser.newContext({permissions: granted ? ['microphone'] : []})
  const page = await context.newPage()
  if (before !== '') await page.addInitScript(before)
  await page.goto(url)
  return page
}

async function start(page: Page | Frame, options: LabOptions = {}): Promise<string> {
  await page.waitForFunction(() => 'makeLab' in window)
  return page.evaluate((wanted) => {
    window.lab = makeLab()
    return window.lab.start(wanted)
  }, options)
}

/** What was collected as soon as it is enough. */
async function collected(page: Page, enough: (it: Collected) => boolean): Promise<Collected> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const it = await page.evaluate(() => window.lab.collected())
    if (enough(it)) return it
    if (Date.now() > deadline)
      throw new Error(`want enough, got ${it.frames.length} frames: ${JSON.stringify(it.others)}`)
  }
}

/** Positions go on frame by frame, none is missing and none comes twice, once the context has settled. */
function expectUnbroken({frames, others}: Collected): void {
  const [first = 0, ...positions] = frames.slice(8).map((it) => it.position)
  expect(positions).toEqual(positions.map((_, k) => first + (k + 1) * FRAME))
  expect(others.filter((it) => it.kind === 'fault')).toEqual([])
}

/** How like `part` is to the most alike stretch of `whole`, -1..1. */
function likeness(part: readonly number[], whole: readonly number[]): number {
  const power = (of: readonly number[]) => of.reduce((sum, x) => sum + x * x, 0)
  let [best, here] = [0, power(whole.slice(0, part.length))]
  const own = power(part)
  for (let lag = 0; lag + part.length < whole.length; lag++) {
    let sum = 0
    for (let i = 0; i < part.length; i++) sum += (part[i] ?? 0) * (whole[lag + i] ?? 0)
    if (here > 0) best = Math.max(best, sum / Math.sqrt(own * here))
    here += (whole[lag + part.length] ?? 0) ** 2 - (whole[lag] ?? 0) ** 2
  }
  return best
}

/**
 * The same sound a part of a sample later. Where the microphone's grid falls on the file's differs from start to
 * start, and half a sample off costs a tenth of the likeness, for speech has much to say above 4 kHz.
 */
function later(whole: readonly number[], from: number, samples: number, by: number): readonly number[] {
  const reach = 16
  const taps = Array.from({length: 2 * reach}, (_, k) => {
    const x = Math.PI * (k - reach + 1 - by)
    return (x === 0 ? 1 : Math.sin(x) / x) * Math.cos(x / (2 * reach + 2)) ** 2
  })
  return Array.from({length: samples}, (_, n) =>
    taps.reduce((sum, tap, k) => sum + tap * (whole[from + n - (k - reach + 1)] ?? 0), 0),
  )
}

describe('capture in Chromium', () => {
  it('brings the sentence, sample by sample', async () => {
    // more than the file is long: wherever it was when we began to hear it, the piece has come by then
    const page = await visit()
    expect(await start(page, {plain: true})).toBe('live')
    expectUnbroken(await collected(page, ({frames}) => frames.length > 230))
    const heard = await page.evaluate(() => window.lab.pcm())
    const file = await readFile(speech)
    const said = Array.from({length: (file.length - 44) >> 1}, (_, i) => file.readInt16LE(44 + 2 * i))
    const found = [-0.5, -0.25, 0, 0.25].map((by) => likeness(later(said, 24_000, 4_000, by), heard))
    expect(Math.max(...found)).toBeGreaterThan(0.98)
  })

  it('is heard through filters and noise gate, too, and moves the meter', async () => {
    const page = await visit()
    expect(await start(page, {filter: 'medium', gate: 'studio'})).toBe('live')
    const got = await collected(page, ({frames}) => frames.some((it) => it.level > 0.03) && frames.length > 60)
    expectUnbroken(got)
    const levels = await page.evaluate(() => window.lab.levels)
    expect(Math.max(...levels)).toBeGreaterThan(0.03)
    // it may fall by a third every 25 ms and no faster
    expect(levels.every((level, i) => level === 0 || level >= 0.699 * (levels[i - 1] ?? 0))).toBe(true)
  })

  it('loses nothing while the page stands still, 200 ms ten times and 400 ms once', async () => {
    const page = await visit()
    await start(page)
    await collected(page, ({frames}) => frames.length > 10)
    for (const ms of [...Array<number>(10).fill(200), 400]) await page.evaluate((ms) => window.lab.stall(ms), ms)
    const before = await page.evaluate(() => window.lab.collected())
    const after = await collected(page, ({frames}) => frames.length > before.frames.length + 10)
    expectUnbroken(after)
    expect(after.frames.length).toBeGreaterThan(75)
  })

  it('sends zeros while muted and goes on in place', async () => {
    const page = await visit()
    await start(page)
    await collected(page, ({frames}) => frames.some((it) => it.level > 0.03))
    await page.evaluate(() => window.lab.tell({kind: 'mute', on: true}))
    const muted = await collected(page, ({frames}) => frames.slice(-20).every((it) => it.level === 0))
    await page.evaluate(() => window.lab.tell({kind: 'mute', on: false}))
    expectUnbroken(await collected(page, ({frames}) => frames.slice(muted.frames.length).some((it) => it.level > 0.03)))
  })

  it('says that it was denied, and works once it is allowed', async () => {
    const page = await visit({granted: false})
    expect(await start(page)).toBe('denied')
    await page.context().grantPermissions(['microphone'])
    const again = await page.evaluate(async () => (await window.lab.microphone.open()).kind)
    expect(again).toBe('live')
    await collected(page, ({frames}) => frames.some((it) => it.level > 0.03))
  })

  it.each([
    [{}, {kind: 'blocked', by: 'policy'}],
    [
      {allow: 'microphone', sandbox: 'allow-scripts'},
      {kind: 'blocked', by: 'sandbox'},
    ],
    [{allow: 'microphone'}, {kind: 'live'}],
  ])('knows what a frame with %j may', async (attributes, state) => {
    const page = await visit({url: site.embedding(attributes)})
    const frame = page.frames().find((it) => it.url() === site.url)
    if (!frame) throw new Error('want a frame')
    await start(frame)
    const {stream, ...got} = await frame.evaluate(() => ({stream: null, ...window.lab.microphone.state}))
    expect(got).toMatchObject(state)
  })

  it('says that there is no device', async () => {
    const none = `navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('Requested device not found', 'NotFoundError')
    }`
    const page = await visit({before: none})
    expect(await start(page)).toBe('missing')
  })

  it('finds a microphone again when the one in use has gone', async () => {
    const page = await visit()
    await start(page)
    const before = await collected(page, ({frames}) => frames.length > 20)
    await page.evaluate(() => {
      const [track] = window.lab.stream?.getTracks() ?? []
      track?.stop()
      track?.dispatchEvent(new Event('ended'))
    })
    const after = await collected(page, ({frames}) =>
      frames.slice(before.frames.length + 10).some((it) => it.level > 0.03),
    )
    expectUnbroken(after)
    expect(await page.evaluate(() => window.lab.states)).toEqual(['asking', 'live', 'lost', 'live'])
  })

  it('says so when leave is withdrawn', async () => {
    const page = await visit()
    await start(page)
    await collected(page, ({frames}) => frames.length > 20)
    await page.context().clearPermissions()
    await page.waitForFunction(() => window.lab.microphone.state.kind === 'denied')
  })

  it('takes another device without a hole in the clock', async () => {
    const page = await visit()
    await start(page)
    const before = await collected(page, ({frames}) => frames.length > 20)
    await page.evaluate(async () => {
      const devices = await navigator.mediaDevices.enumerateDevices()
      const other = devices.find((it) => it.kind === 'audioinput' && !['', 'default'].includes(it.deviceId))
      await window.lab.microphone.use(other?.deviceId ?? '')
    })
    const after = await collected(page, ({frames}) =>
      frames.slice(before.frames.length + 10).some((it) => it.level > 0.03),
    )
    expectUnbroken(after)
    const tracks = await page.evaluate(() =>
      window.lab.streams.flatMap((it) => it.getTracks()).map((it) => it.readyState),
    )
    expect(tracks).toEqual(['ended', 'live'])
  })

  it('captures in a second call, and leaves nothing open after either', async () => {
    const page = await visit()
    for (const _ of [1, 2]) {
      expect(await start(page)).toBe('live')
      await collected(page, ({frames}) => frames.some((it) => it.level > 0.03))
      const left = await page.evaluate(async () => {
        const {lab} = window
        await lab.stop()
        return [...lab.streams.flatMap((it) => it.getTracks()).map((it) => it.readyState), lab.context?.state]
      })
      expect(left).toEqual(['ended', 'closed'])
    }
  })

  it('works without worklets', async () => {
    const page = await visit({before: 'delete BaseAudioContext.prototype.audioWorklet; delete window.AudioWorkletNode'})
    expect(await start(page, {filter: 'light'})).toBe('live')
    const {frames} = await collected(page, ({frames}) => frames.length > 60 && frames.some((it) => it.level > 0.03))
    // a busy machine may lose a block here, and the clock counts on through it
    const steps = frames.slice(1).map(({position}, i) => position - (frames[i]?.position ?? 0))
    expect(steps.every((it) => it > 0 && it % FRAME === 0)).toBe(true)
    expect(await page.evaluate(() => 'currentFrame' in window)).toBe(false)
  })
})
