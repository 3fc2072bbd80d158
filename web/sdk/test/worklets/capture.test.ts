import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import type {CaptureToWorker} from '../../src/ports.ts'
import {registerCapture} from '../../src/worklets/capture.ts'
import {registerMeter} from '../../src/worklets/meter.ts'
import {Room} from '../../src/worklets/room.ts'

const RATE = 48_000

interface Made {
  readonly port: FakePort
  process(inputs: readonly (readonly Float32Array[])[]): boolean
}

class FakePort {
  onmessage: ((event: {readonly data: unknown; readonly ports: readonly unknown[]}) => void) | null = null
  readonly posted: unknown[] = []
  readonly transferred: unknown[] = []

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    this.posted.push(message)
    this.transferred.push(...transfer)
  }

  hear(data: unknown, ...ports: unknown[]): void {
    this.onmessage?.({data, ports})
  }
}

const classes = new Map<string, new (options: object) => Made>()

beforeEach(() => {
  vi.stubGlobal('sampleRate', RATE)
  vi.stubGlobal('currentFrame', 0)
  vi.stubGlobal('registerProcessor', (name: string, made: new (options: object) => Made) => classes.set(name, made))
  vi.stubGlobal(
    'AudioWorkletProcessor',
    class {
      readonly port = new FakePort()
    },
  )
})
afterEach(() => vi.unstubAllGlobals())

function make(name: string, options: object = {}): Made {
  const made = classes.get(name)
  if (!made) throw new Error(`want a processor ${name}`)
  return new made(options)
}

/** Quanta go by; whether the processor wants to go on. */
function run(processor: Made, quanta: number, level = 0.1): boolean {
  let on = true
  for (let i = 0; i < quanta && on; i++) {
    const frame = Reflect.get(globalThis, 'currentFrame') as number
    on = processor.process([[Float32Array.from({length: 128}, (_, k) => (k % 2 ? level : -level))]])
    vi.stubGlobal('currentFrame', frame + 128)
  }
  return on
}

describe('capture processor', () => {
  function connected(options?: object) {
    registerCapture(new Room(RATE))
    const capture = make('viva-capture', options)
    const worker = new FakePort()
    capture.port.hear({kind: 'connect'}, worker)
    return {capture, worker, frames: () => worker.posted.filter((it) => (it as CaptureToWorker).kind === 'frame')}
  }

  it('gives each frame away to the worker, and says nothing to the page', () => {
    const {capture, worker, frames} = connected()
    run(capture, 60)
    expect(frames()).toHaveLength(4)
    expect(worker.transferred).toHaveLength(4)
    expect(worker.transferred.every((it) => it instanceof ArrayBuffer && it.byteLength === 1024)).toBe(true)
    expect(capture.port.posted).toEqual([])
  })

  it('runs on while no worker is there, and begins with the next one where the clock is', () => {
    const {capture, worker} = connected()
    run(capture, 60)
    const other = new FakePort()
    capture.port.hear({kind: 'connect'}, other)
    worker.hear({kind: 'mute', on: true})
    const before = worker.posted.length
    run(capture, 60)
    expect(worker.posted).toHaveLength(before)
    expect(other.posted[0]).toMatchObject({kind: 'frame', position: 2048})
  })

  it('obeys the worker, and the page when another microphone comes', () => {
    const {capture, worker, frames} = connected()
    run(capture, 20)
    worker.hear({kind: 'mute', on: true})
    capture.port.hear({kind: 'renew'})
    capture.port.hear({kind: 'never'})
    run(capture, 60)
    expect(frames().at(-1)).toMatchObject({level: 0})
  })

  it('sends the rest and is done when the page stops it', () => {
    const {capture, frames} = connected()
    run(capture, 14)
    expect(frames()).toHaveLength(1)
    capture.port.hear({kind: 'stop'})
    expect(frames()).toHaveLength(2)
    expect(run(capture, 60)).toBe(false)
    expect(frames()).toHaveLength(2)
  })

  it('gates what is below the preset it was given', () => {
    const levels = (gate: string) => {
      vi.stubGlobal('currentFrame', 0)
      const {capture, frames} = connected({processorOptions: {gate}})
      for (let quantum = 0; quantum < 60; quantum++) {
        const tone = (_: unknown, i: number) => 0.09 * Math.sin((2 * Math.PI * 1000 * (128 * quantum + i)) / RATE)
        vi.stubGlobal('currentFrame', 128 * quantum)
        capture.process([[Float32Array.from({length: 128}, tone)]])
      }
      return frames().map((it) => (it as {level: number}).level)
    }
    expect(levels('noisy').every((level) => level === 0)).toBe(true)
    expect(Math.max(...levels('home'))).toBeGreaterThan(0)
  })
})

describe('meter processor', () => {
  it('tells the page about every 25 ms, and is quiet when nothing is to be seen', () => {
    registerMeter()
    const meter = make('viva-meter')
    run(meter, 375)
    // steady sound moves no meter after the first look
    expect(meter.port.posted).toHaveLength(1)
    expect(meter.port.posted[0]).toBeCloseTo(0.1)
    run(meter, 375, 0)
    const fall = meter.port.posted as number[]
    expect(fall.at(-1)).toBe(0)
    expect(fall.length).toBeLessThan(30)
    meter.process([[]])
    expect(meter.port.posted).toHaveLength(fall.length)
  })

  it('tells the bands of a voice to who asks for them, until they are closed', () => {
    registerMeter()
    const meter = make('viva-meter', {processorOptions: {bands: true}})
    const tone = Float32Array.from({length: 480 * 128}, (_, i) => 0.05 * Math.sin((2 * Math.PI * 500 * i) / RATE))
    for (let at = 0; at < tone.length; at += 128) meter.process([[tone.subarray(at, at + 128)]])
    const [level, low = 0, mid = 0, high = 0] = meter.port.posted.at(-1) as number[]
    expect(level).toBeCloseTo(0.035, 2)
    expect(low).toBeGreaterThan(mid)
    expect(mid).toBeGreaterThan(high)
    run(meter, 375, 0)
    expect(meter.port.posted.at(-1)).toEqual([0, 0, 0, 0])
    const before = meter.port.posted.length
    run(meter, 375, 0)
    expect(meter.port.posted).toHaveLength(before)
  })
})
