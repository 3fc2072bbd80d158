// The built playback processor in a real browser: a worker feeds it as the link would, a tap behind it keeps every sample
// that leaves with its frame of the context, and all times are frames.

import {createServer} from 'node:http'
import {join} from 'node:path'
import {build} from 'esbuild'
import type {Browser, Page} from 'playwright-core'
import type {PlaybackToWorker, WorkerToPlayback} from '../../src/ports.ts'

/**
 * Loaded before the player, into the same thread: keeps what it hears, and marks when a word (anything but a chunk) is
 * handed to the player, by the frame of the newest quantum.
 */
const TAP = `
const marks = []
const {set} = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage')
Object.defineProperty(MessagePort.prototype, 'onmessage', {
  set(handler) {
    set.call(this, handler && ((event) => {
      const {kind, reply} = event.data ?? {}
      if (reply && kind !== 'chunk') marks.push({kind, reply, frame: currentFrame, time: Date.now()})
      handler(event)
    }))
  },
})
registerProcessor('tap', class extends AudioWorkletProcessor {
  process([input], [output]) {
    const sound = input[0] ? input[0].slice() : new Float32Array(128)
    output[0].set(sound)
    this.port.postMessage({frame: currentFrame, sound, marks: marks.splice(0)}, [sound.buffer])
    return true
  }
})
registerProcessor('clock', class extends AudioWorkletProcessor {
  constructor() {
    super()
    this.port.onmessage = ({ports}) => { this.feeder = ports[0] }
  }
  process() {
    if (currentFrame % 1024 === 0) this.feeder?.postMessage(currentFrame / sampleRate)
    return true
  }
})`

/** Sends what it is given as the clock of the context comes by, each at its \`at\` in seconds, or at once. */
const FEEDER = `
let player
let waiting = []
const send = ({message}) => player.postMessage(message, message.pcm ? [message.pcm] : [])
onmessage = ({data, ports}) => {
  if (ports.length > 0) {
    player = ports[0]
    player.onmessage = ({data}) => postMessage({told: data})
    ports[1].onmessage = ({data: now}) => {
      while (waiting.length > 0 && waiting[0].at <= now) send(waiting.shift())
      postMessage({now})
    }
  } else if (Array.isArray(data)) waiting = waiting.concat(data).sort((a, b) => a.at - b.at)
  else send(data)
}`

/** Runs in the page. */
async function begin(options: unknown): Promise<number> {
  const context = new AudioContext()
  await context.audioWorklet.addModule('/tap.js')
  await context.audioWorklet.addModule('/viva-audio.js')
  const player = new AudioWorkletNode(context, 'viva-playback', {
    numberOfInputs: 0,
    outputChannelCount: [1],
    processorOptions: options,
  })
  const tap = new AudioWorkletNode(context, 'tap', {outputChannelCount: [1]})
  const clock = new AudioWorkletNode(context, 'clock')
  const feeder = new Worker('/feeder.js')
  const rig = {feeder, parts: [] as Part[], told: [] as unknown[], marks: [] as Mark[], now: 0}
  Object.assign(globalThis, {rig})
  tap.port.onmessage = ({data}) => {
    rig.parts.push(data)
    rig.marks.push(...data.marks)
  }
  feeder.onmessage = ({data}) => {
    if (data.now) rig.now = data.now
    if (data.told) rig.told.push(data.told)
  }
  const [toPlayer, toClock] = [new MessageChannel(), new MessageChannel()]
  feeder.postMessage('ports', [toPlayer.port1, toClock.port1])
  player.port.postMessage({kind: 'connect'}, [toPlayer.port2])
  clock.port.postMessage('port', [toClock.port2])
  player.connect(tap).connect(context.destination)
  clock.connect(context.destination)
  await context.resume()
  return context.sampleRate
}

interface Part {
  readonly frame: number
  readonly sound: Float32Array
}

/** A word has come to the player in the quantum that begins at `frame`, or just behind it. */
export interface Mark {
  readonly kind: string
  readonly reply: number
  readonly frame: number
  readonly time: number
}

interface InPage {
  readonly feeder: Worker
  readonly parts: readonly Part[]
  readonly told: readonly PlaybackToWorker[]
  readonly marks: readonly Mark[]
  readonly now: number
}

/** What is sent at a time of the context, in seconds; a chunk is made in the page, of a sine. */
export type Sent = {readonly at: number; readonly hz: number; readonly samples: number; readonly message: object}

export class Rig {
  private constructor(
    private readonly page: Page,
    private readonly close_: () => Promise<void>,
    readonly rate: number,
  ) {}

  static async open(browser: Browser, options: unknown = {}): Promise<Rig> {
    const {outputFiles} = await build({
      entryPoints: [join(import.meta.dirname, '../../src/worklets/index.ts')],
      bundle: true,
      minify: true,
      write: false,
      format: 'iife',
      target: 'es2022',
    })
    const files: {readonly [path: string]: string} = {
      '/': '<!doctype html><title>playback</title>',
      '/viva-audio.js': outputFiles[0]?.text ?? '',
      '/tap.js': TAP,
      '/feeder.js': FEEDER,
    }
    const server = createServer((request, response) => {
      const path = request.url ?? '/'
      const type = path === '/' ? 'text/html' : 'text/javascript'
      response.writeHead(path in files ? 200 : 404, {'Content-Type': type})
      response.end(files[path] ?? '')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const page = await browser.newPage()
    const close = async () => {
      await page.close()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    }
    try {
      await page.goto(`http://127.0.0.1:${port}/`)
      return new Rig(page, close, await page.evaluate(begin, options))
    } catch (error) {
      await close()
      throw error
    }
  }

  close(): Promise<void> {
    return this.close_()
  }

  /** The clock of the context, in seconds. */
  now(): Promise<number> {
    return this.page.evaluate(() => (globalThis as unknown as {rig: InPage}).rig.now)
  }

  async send(list: readonly Sent[]): Promise<void> {
    await this.page.evaluate((list) => {
      const wave = (hz: number, from: number, samples: number) =>
        Int16Array.from({length: samples}, (_, i) => 12_000 * Math.sin((2 * Math.PI * hz * (from + i)) / 24_000)).buffer
      const ready = list.map(({at, hz, samples, message}) => {
        const pcm = 'position' in message ? {pcm: wave(hz, message.position as number, samples)} : {}
        return {at, message: {...message, ...pcm}}
      })
      ;(globalThis as unknown as {rig: InPage}).rig.feeder.postMessage(ready)
    }, list)
  }

  /** Until the clock of the context stands there. */
  async until(seconds: number): Promise<void> {
    await this.page.waitForFunction((at) => (globalThis as unknown as {rig: InPage}).rig.now >= at, seconds)
  }

  /** Until something was told: a reply is finished, say. */
  async untilTold(kind: PlaybackToWorker['kind'], reply: number): Promise<void> {
    await this.page.waitForFunction(
      ([kind, reply]) =>
        (globalThis as unknown as {rig: InPage}).rig.told.some(
          (message) => message.kind === kind && 'reply' in message && message.reply === reply,
        ),
      [kind, reply] as const,
    )
  }

  /** Have the worker send a word now. */
  async say(word: WorkerToPlayback): Promise<void> {
    await this.stall(0, word)
  }

  /**
   * Keep the page's thread busy for so long; a word is sent by the worker meanwhile.
   * @returns Date.now() at the end.
   */
  stall(ms: number, word?: WorkerToPlayback): Promise<number> {
    return this.page.evaluate(
      ([ms, word]) => {
        if (word) (globalThis as unknown as {rig: InPage}).rig.feeder.postMessage({message: word})
        const end = performance.now() + ms
        while (performance.now() < end);
        return Date.now()
      },
      [ms, word ?? null] as const,
    )
  }

  told(): Promise<readonly PlaybackToWorker[]> {
    return this.page.evaluate(() => (globalThis as unknown as {rig: InPage}).rig.told)
  }

  /** When a word has come to the player. */
  async mark(kind: string, reply: number): Promise<Mark> {
    const handle = await this.page.waitForFunction(
      ([kind, reply]) =>
        (globalThis as unknown as {rig: InPage}).rig.marks.find((mark) => mark.kind === kind && mark.reply === reply),
      [kind, reply] as const,
    )
    return (await handle.jsonValue()) as Mark
  }

  /** All that has left since something sounded; its first sample is that of `frame`. */
  async heard(): Promise<{readonly frame: number; readonly sound: Float32Array}> {
    const {frame, whole, bytes} = await this.page.evaluate(() => {
      const {parts} = (globalThis as unknown as {rig: InPage}).rig
      // a context may skip quanta while it starts, and never once something sounds
      const first = parts.findIndex(({sound}) => sound.some((sample) => sample !== 0))
      const begin = parts[first]?.frame ?? 0
      const heard = parts.filter(({frame}) => frame >= begin)
      const sound = new Float32Array(heard.length * 128)
      heard.forEach((part, i) => {
        sound.set(part.sound, i * 128)
      })
      const view = new Uint8Array(sound.buffer)
      let text = ''
      for (let i = 0; i < view.length; i += 4096) text += String.fromCharCode(...view.subarray(i, i + 4096))
      return {frame: begin, whole: heard.every((part, i) => part.frame === begin + 128 * i), bytes: btoa(text)}
    })
    if (!whole) throw new Error('want every quantum of the context, got gaps')
    const copy = Uint8Array.from(Buffer.from(bytes, 'base64'))
    return {frame, sound: new Float32Array(copy.buffer)}
  }
}

export interface Tone {
  readonly reply: number
  readonly hz: number
  readonly seconds: number
  /** When the link sends the first of it. */
  readonly at: number
  /** So many seconds come at once; the rest stays so far ahead of what is heard. */
  readonly ahead: number
  /** Seconds by which a chunk may be late. */
  readonly jitter: number
}

const CHUNK_S = 0.04

/** A reply of one sine, cut into chunks that come as over a link with jitter, in order; drawn from a fixed sequence. */
export function tone({reply, hz, seconds, at, ahead, jitter}: Tone): Sent[] {
  const sent: Sent[] = []
  let draw = 1
  let latest = 0
  const samples = Math.round(CHUNK_S * 24_000)
  for (let from = 0; from < seconds * 24_000; from += samples) {
    draw = (draw * 48_271) % 2_147_483_647
    const late = from / 24_000 - ahead
    // what is sent in advance comes at once: a start that waits for 50 ms could not bridge more
    latest = Math.max(latest, at + (late < 0 ? 0 : late + (jitter * draw) / 2_147_483_647))
    sent.push({at: latest, hz, samples, message: {kind: 'chunk', reply, position: from}})
  }
  const whole = Math.ceil((seconds * 24_000) / samples) * samples
  sent.push({at: latest, hz, samples: 0, message: {kind: 'done', reply, samples: whole}})
  return sent
}

/**
 * Largest departure from a sine of this frequency between two frames: each sample of a sine follows from the two before
 * it, and a gap, a repetition or a step breaks that.
 */
export function departure(sound: Float32Array, hz: number, rate: number, from: number, to: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / rate)
  let largest = 0
  for (let i = from + 2; i < to; i++) {
    const expected = turn * (sound[i - 1] ?? 0) - (sound[i - 2] ?? 0)
    largest = Math.max(largest, Math.abs((sound[i] ?? 0) - expected))
  }
  return largest
}

/** Frames from a mark to where a quantum of nothing but zeros begins: from the beginning of the mark's own at the worst. */
export function framesToSilence(heard: {readonly frame: number; readonly sound: Float32Array}, mark: Mark): number {
  const from = mark.frame - heard.frame
  let zeros = 0
  for (let i = from; i < heard.sound.length; i++) {
    zeros = heard.sound[i] === 0 ? zeros + 1 : 0
    if (zeros === 128) return i + 1 - 128 - from
  }
  return Number.POSITIVE_INFINITY
}
