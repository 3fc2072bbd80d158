// What the playback processor costs and how soon it is silent.
//
// Run: node bench/playback.mjs [--brief] [--json]     CHROMIUM names the browser.
//
// 1. µs per render quantum (128 frames) of the shipped code in Node, while a reply plays.
// 2. In real Chromium: from the moment a cut or a hold reaches the audio thread to the first silent sample, in ms of the
//    context's clock, measured by a tap behind the processor. Counted from the beginning of the quantum that had been
//    rendered when the word came, so up to one quantum too much.
// 3. The resampler: dB of a sine over everything else, and of what must not come through.

import {mkdtemp, rm} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {build} from 'esbuild'

const SDK = join(dirname(fileURLToPath(import.meta.url)), '..')
const BRIEF = process.argv.includes('--brief')

/** A module of ours, with what it imports; packages stay outside. */
async function load(path, folder) {
  const outfile = join(folder, `${path.replaceAll('/', '-')}.mjs`)
  await build({
    absWorkingDir: SDK,
    entryPoints: [path],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    // a bundle stands elsewhere than its sources: folders are those of the sources
    define: {'import.meta.dirname': JSON.stringify(join(SDK, dirname(path)))},
    logLevel: 'warning',
  })
  return import(pathToFileURL(outfile).href)
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

function quantumCost({Playout}, {Room}, rate) {
  const room = new Room(rate)
  const playout = new Playout(rate, room, () => {})
  const output = new Float32Array(128)
  const times = []
  let frame = 0
  let sent = 0
  const seconds = BRIEF ? 3 : 60
  while (frame < seconds * rate) {
    while (sent < 24_000 * (frame / rate + 1)) {
      const pcm = Int16Array.from({length: 960}, (_, i) => 12_000 * Math.sin((sent + i) / 9)).buffer
      playout.receive({kind: 'chunk', reply: 1, position: sent, pcm})
      sent += 960
    }
    const begin = process.hrtime.bigint()
    playout.render(output, frame)
    const end = process.hrtime.bigint()
    room.far.push(output)
    if (frame > rate) times.push(Number(end - begin) / 1000)
    frame += 128
  }
  return {p50: quantile(times, 0.5), p99: quantile(times, 0.99)}
}

async function silences(rigs, launch) {
  const browser = await launch()
  const found = {cut: [], hold: []}
  try {
    const rig = await rigs.Rig.open(browser)
    const words = BRIEF ? 2 : 25
    for (let reply = 1; reply <= 2 * words; reply++) {
      const kind = reply % 2 ? 'cut' : 'hold'
      const at = await rig.now()
      await rig.send(rigs.tone({reply, hz: 440, seconds: 2, at, ahead: 2, jitter: 0}))
      await rig.untilTold('played', reply)
      await rig.say({kind, reply})
      const mark = await rig.mark(kind, reply)
      await rig.until(mark.frame / rig.rate + 0.1)
      found[kind].push((rigs.framesToSilence(await rig.heard(), mark) / rig.rate) * 1000)
      await rig.say({kind: 'cut', reply})
    }
    await rig.close()
    return {rate: rig.rate, ...found}
  } finally {
    await browser.close()
  }
}

function sineQuality({Resampler}, from, to, hz) {
  const resampler = new Resampler(from, to)
  let signal = 0
  let rest = 0
  let k = 0
  const input = new Float32Array(128)
  for (let at = 0; at < 2 * from; at += 128) {
    for (let i = 0; i < 128; i++) input[i] = Math.sin((2 * Math.PI * hz * (at + i)) / from)
    for (const sample of resampler.process(input)) {
      const ideal = hz < to / 2 ? Math.sin((2 * Math.PI * hz * k) / to) : 0
      if (k++ < to / 4) continue
      signal += ideal === 0 && hz >= to / 2 ? 0.5 : ideal ** 2
      rest += (sample - ideal) ** 2
    }
  }
  return 10 * Math.log10(signal / rest)
}

const folder = await mkdtemp(join(SDK, '../node_modules/.bench-'))
const rows = []
try {
  const [playout, room, resample] = [
    await load('src/audio/playout.ts', folder),
    await load('src/worklets/room.ts', folder),
    await load('src/audio/resample.ts', folder),
  ]
  for (const rate of [44_100, 48_000, 96_000]) {
    const {p50, p99} = quantumCost(playout, room, rate)
    rows.push([`render, ${rate} Hz`, 'µs per quantum', p50, p99, `of ${Math.round(128e6 / rate)}`])
  }
  for (const [from, to, good, bad] of [
    [24_000, 48_000, 9000, null],
    [24_000, 44_100, 9000, null],
    [48_000, 16_000, 6000, 8200],
    [44_100, 16_000, 6000, 8200],
  ]) {
    rows.push([`${from} → ${to} Hz, sine of ${good} Hz`, 'dB over the rest', sineQuality(resample, from, to, good)])
    if (bad) rows.push([`${from} → ${to} Hz, alias of ${bad} Hz`, 'dB down', sineQuality(resample, from, to, bad)])
  }
  const rigs = await load('test/browser/playback-rig.ts', folder)
  const {launch} = await load('test/browser/harness.ts', folder)
  const {rate, cut, hold} = await silences(rigs, launch)
  for (const [name, times] of Object.entries({cut, hold}))
    rows.push([
      `${name} to silence, Chromium, ${rate} Hz`,
      'ms',
      quantile(times, 0.5),
      Math.max(...times),
      `${times.length} times, p50 and max`,
    ])
} finally {
  await rm(folder, {recursive: true, force: true})
}
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows)}\n`)
else
  for (const [what, unit, ...values] of rows)
    process.stdout.write(
      `${what}: ${values.map((v) => (typeof v === 'number' ? v.toFixed(1) : v)).join(' / ')} ${unit}\n`,
    )
