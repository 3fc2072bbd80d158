// How punctual and how cheap capture is. Prints JSON; run it on a machine that does nothing else.
//
// Run: node bench/capture.mjs [SECONDS]     flite and Chromium are needed; 20 s of frames unless told

import {mkdir, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {build} from 'esbuild'

const HERE = dirname(fileURLToPath(import.meta.url))
const FRAME_MS = 32
const STALLS_MS = [...Array(10).fill(200), 400]

/** A module of the sources or tests, bundled for Node. It lies within the package, for the sake of its imports. */
async function loaded(path) {
  const folder = join(HERE, '../../node_modules/.cache/bench')
  await mkdir(folder, {recursive: true})
  const outfile = join(await mkdtemp(join(folder, 'bench-')), 'bench.mjs')
  try {
    await build({
      entryPoints: [join(HERE, '..', path)],
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      define: {'import.meta.dirname': JSON.stringify(join(HERE, '..', dirname(path)))},
      outfile,
      logLevel: 'error',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    await rm(dirname(outfile), {recursive: true, force: true})
  }
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

const rounded = (value) => Math.round(value * 100) / 100

/** Microseconds of a quantum in the framer, and in the whole capturer with its detector, at 48 kHz. */
async function cost() {
  const {Framer} = await loaded('src/audio/framer.ts')
  const {Capturer} = await loaded('src/audio/capturer.ts')
  const {Room} = await loaded('src/worklets/room.ts')
  const {NoiseGate, GATES} = await loaded('src/audio/noisegate.ts')
  const sound = Float32Array.from({length: 128}, (_, i) => 0.1 * Math.sin(i / 7))
  const timed = (one) => {
    for (let i = 0; i < 50_000; i++) one(i * 128)
    const runs = []
    for (let run = 0, from = 50_000; run < 20; run++, from += 10_000) {
      const start = process.hrtime.bigint()
      for (let i = from; i < from + 10_000; i++) one(i * 128)
      runs.push(Number(process.hrtime.bigint() - start) / 1e7)
    }
    return rounded(percentile(runs, 0.5))
  }
  const framer = new Framer(48_000, () => {})
  const gated = new Framer(48_000, () => {}, new NoiseGate(GATES.home, 16_000))
  const room = new Room(48_000)
  const capturer = new Capturer(48_000, room, () => {})
  return {
    framer_us: timed((frame) => framer.push(Math.floor(frame / 3), sound)),
    framer_and_gate_us: timed((frame) => gated.push(Math.floor(frame / 3), sound)),
    capturer_us: timed((frame) => {
      room.far.push(sound)
      capturer.quantum(frame, sound)
    }),
  }
}

/** The browser renders as many quanta at a time as fill this much of the device. */
const BLOCK_S = 0.01
const QUANTUM = 128

/**
 * By how much frames come late, in ms. `late_ms`: later than the most punctual one, each measured from the moment at which
 * its last sample was there. But the device hands over 10 ms at a time, and whole quanta are rendered: a frame may have to
 * wait for one block more before anybody can see it. `after_device_ms` is measured from the block in which its last
 * quantum is rendered. Where blocks begin is not known; the place is taken that explains most.
 */
function lateness(frames, rate) {
  const block = Math.round(BLOCK_S * rate)
  const late = after(frames.map(({position, came}) => came - ((position + 512) / 16_000) * 1000))
  let best = null
  for (let offset = 0; offset < block; offset += 3) {
    const delays = frames.map(({position, came}) => {
      const quanta = Math.ceil((((position + 512) / 16_000) * rate + offset) / QUANTUM)
      return came - Math.ceil(((quanta - 1) * QUANTUM + 1) / block) * (block / rate) * 1000
    })
    const told = after(delays)
    if (best === null || told.p95 < best.p95) best = told
  }
  return {late_ms: late, after_device_ms: best}
}

function after(delays) {
  const first = Math.min(...delays)
  const late = delays.map((delay) => delay - first)
  return {p50: rounded(percentile(late, 0.5)), p95: rounded(percentile(late, 0.95)), max: rounded(Math.max(...late))}
}

async function cadence(seconds) {
  const {LabSite, listening} = await loaded('test/browser/lab/site.ts')
  const {spoken} = await loaded('test/browser/speech.ts')
  const folder = await mkdtemp(join(tmpdir(), 'viva-bench-'))
  const site = await LabSite.open('test/browser/lab/capture_page.ts')
  const browser = await listening(await spoken(folder, 'One, two, three, four, five.', 0.2))
  try {
    const context = await browser.newContext({permissions: ['microphone']})
    const page = await context.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => 'makeLab' in window)
    const begun = Date.now()
    await page.evaluate(async () => {
      window.lab = window.makeLab()
      await window.lab.start()
    })
    const started = Date.now() - begun
    const settled = (it) => it.frames.slice(30)
    const until = async (count) => {
      for (;;) {
        const it = await page.evaluate(() => window.lab.collected())
        if (it.frames.length >= count) return it
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
    const quiet = await until((seconds * 1000) / FRAME_MS + 30)
    for (const ms of STALLS_MS) {
      await page.evaluate((ms) => window.lab.stall(ms), ms)
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
    }
    const all = await until(quiet.frames.length + 60)
    const stalled = all.frames.slice(quiet.frames.length)
    const rate = await page.evaluate(() => window.lab.context.sampleRate)
    const jumps = all.frames.slice(31).filter((it, i) => it.position !== all.frames[i + 30].position + 512)
    return {
      frames: all.frames.length,
      start_ms: started,
      rate,
      quiet: lateness(settled(quiet), rate),
      stalls_ms: STALLS_MS,
      stalled: lateness(stalled, rate),
      discontinuities: jumps.length,
      faults: all.others.filter((it) => it.kind === 'fault').length,
    }
  } finally {
    await browser.close()
    await site.close()
    await rm(folder, {recursive: true, force: true})
  }
}

const seconds = Number(process.argv[2] ?? 20)
process.stdout.write(`${JSON.stringify({cost: await cost(), cadence: await cadence(seconds)}, null, 2)}\n`)
