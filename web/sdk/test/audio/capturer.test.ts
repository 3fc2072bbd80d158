import {describe, expect, it} from 'vitest'
import {Capturer} from '../../src/audio/capturer.ts'
import type {CaptureToWorker} from '../../src/ports.ts'
import {Room} from '../../src/worklets/room.ts'

const RATE = 48_000

/** A capturer in a room of its own; time passes in render quanta. */
class Bench {
  readonly room = new Room(RATE)
  readonly said: CaptureToWorker[] = []
  readonly capturer: Capturer
  frame = 0

  constructor() {
    this.capturer = new Capturer(RATE, this.room, (message) => this.said.push(message))
  }

  /** Seconds of a microphone at a level, null for none connected, and of an agent at another. */
  run(seconds: number, level: number | null = 0.1, far = 0): this {
    for (const end = this.frame + seconds * RATE; this.frame < end; this.frame += 128) {
      this.room.far.push(noise(far))
      const sound = level === null ? undefined : noise(level)
      this.capturer.quantum(this.frame, sound)
    }
    return this
  }

  of<Kind extends CaptureToWorker['kind']>(kind: Kind): Extract<CaptureToWorker, {kind: Kind}>[] {
    return this.said.filter((it): it is Extract<CaptureToWorker, {kind: Kind}> => it.kind === kind)
  }

  /** Seconds of frames that carry sound. */
  get heard(): number {
    return (this.of('frame').filter((it) => it.level > 0.01).length * 512) / 16_000
  }
}

let seed = 1
function noise(level: number): Float32Array {
  return Float32Array.from({length: 128}, () => {
    seed = (seed * 16_807) % 2_147_483_647
    return level * (seed / 1_073_741_824 - 1) * Math.sqrt(3)
  })
}

describe('capturer', () => {
  it('sends a frame each 32 ms, in its place of the clock', () => {
    const bench = new Bench().run(1)
    const positions = bench.of('frame').map((it) => it.position)
    expect(positions).toEqual(Array.from({length: positions.length}, (_, k) => k * 512))
    expect(positions.length).toBeGreaterThanOrEqual(31)
    expect(bench.of('frame')[5]?.level).toBeGreaterThan(0.03)
    expect(bench.of('fault')).toEqual([])
  })

  it('keeps the clock and the frames flowing while muted or without a microphone', () => {
    const bench = new Bench().run(0.5)
    bench.capturer.receive({kind: 'mute', on: true})
    const before = bench.of('frame').length
    bench.run(0.5).run(0.5, null)
    bench.capturer.receive({kind: 'mute', on: false})
    const muted = bench.of('frame').slice(before)
    expect(muted.every((it) => it.level === 0)).toBe(true)
    bench.run(0.5)
    const positions = bench.of('frame').map((it) => it.position)
    expect(positions).toEqual(Array.from({length: positions.length}, (_, k) => k * 512))
    expect(bench.of('frame').at(-1)?.level).toBeGreaterThan(0.03)
  })

  it('sends the begun frame at the moment of a mute', () => {
    const bench = new Bench().run(0.05)
    const before = bench.of('frame').length
    bench.capturer.receive({kind: 'mute', on: true})
    expect(bench.of('frame')).toHaveLength(before + 1)
    bench.capturer.receive({kind: 'mute', on: true})
    expect(bench.of('frame')).toHaveLength(before + 1)
  })

  it('says how long quanta were missing, and goes on in place', () => {
    const bench = new Bench().run(1)
    bench.frame += RATE / 4
    bench.run(1)
    const [gap, ...more] = bench.of('fault')
    expect(more).toEqual([])
    expect(gap).toMatchObject({what: 'gap', count: 1})
    expect(gap?.ms).toBeCloseTo(250, 0)
    expect(gap?.at).toBeGreaterThan(15_900)
    expect(gap?.at).toBeLessThan(16_100)
    expect(bench.of('frame').every((it) => it.position % 512 === 0)).toBe(true)
  })

  it('makes no fault of what is missing while the microphone starts', () => {
    const bench = new Bench().run(0.1)
    bench.frame += 4096
    bench.run(1)
    expect(bench.of('fault')).toEqual([])
    expect(bench.of('frame').every((it) => it.position % 512 === 0)).toBe(true)
  })

  it('lets nothing through in half duplex while the agent is heard, and all of it afterwards', () => {
    const bench = new Bench().run(3)
    bench.capturer.receive({kind: 'half_duplex', on: true})
    const before = bench.heard
    bench.room.audible = 1
    bench.run(2)
    expect(bench.heard - before).toBeLessThan(0.05)
    bench.room.audible = 0
    bench.run(2)
    expect(bench.heard - before).toBeGreaterThan(1)
  })

  it('guards the first two seconds of an agent who speaks as soon as the microphone is open', () => {
    const bench = new Bench().run(1)
    bench.room.audible = 1
    const before = bench.heard
    bench.run(1.9)
    expect(bench.heard - before).toBeLessThan(0.05)
    bench.run(1.1)
    expect(bench.heard - before).toBeGreaterThan(0.9)
  })

  it('does not guard when the canceller has listened for long enough', () => {
    const bench = new Bench().run(2.6)
    bench.room.audible = 1
    const before = bench.heard
    bench.run(2)
    expect(bench.heard - before).toBeGreaterThan(1.9)
  })

  it('guards again after another microphone was taken', () => {
    const bench = new Bench().run(3)
    bench.room.audible = 1
    bench.run(1)
    bench.capturer.renew()
    const before = bench.heard
    bench.run(1.9)
    expect(bench.heard - before).toBeLessThan(0.05)
  })

  it('tells of two seconds of exact zeros, and of their end', () => {
    const bench = new Bench().run(1).run(1.9, 0)
    expect(bench.of('silent')).toEqual([])
    bench.run(0.2, 0)
    expect(bench.of('silent')).toEqual([{kind: 'silent', on: true}])
    bench.run(0.1, 0.0001)
    expect(bench.of('silent').map((it) => it.on)).toEqual([true, false])
  })

  it('counts what is no number as a fault of the device', () => {
    const bench = new Bench().run(0.5)
    const bad = noise(0.1)
    bad.fill(Number.NaN, 3, 10)
    bench.capturer.quantum(bench.frame, bad)
    bench.frame += 128
    bench.run(2)
    expect(bench.of('fault')).toEqual([expect.objectContaining({what: 'device', count: 7})])
  })

  it('sends the rest at the end', () => {
    const bench = new Bench().run(0.05)
    const before = bench.of('frame').length
    bench.capturer.stop()
    expect(bench.of('frame')).toHaveLength(before + 1)
  })

  /** Somebody speaks over an agent of whom nothing comes back. */
  function interrupted(prepare: (bench: Bench) => void): Bench {
    const bench = new Bench().run(3, 0.0005)
    bench.room.audible = 7
    bench.run(4, 0.0005, 0.1)
    prepare(bench)
    return bench.run(0.5, 0.2, 0.1)
  }

  it('holds the agent and says so when somebody speaks over it', () => {
    const bench = interrupted(() => {})
    const [doubt, ...more] = bench.of('doubt')
    expect(more).toEqual([])
    expect(doubt?.reply).toBe(7)
    expect(Math.abs((doubt?.at ?? 0) - 7 * 16_000)).toBeLessThan(0.1 * 16_000)
    expect(doubt?.level).toBeGreaterThan(0.05)
    expect(bench.room.held).toBe(7)
  })

  it('doubts nobody who is not heard', () => {
    const bench = interrupted(({capturer}) => capturer.receive({kind: 'mute', on: true}))
    expect(bench.of('doubt')).toEqual([])
    expect(bench.room.held).toBe(0)
  })

  it('reports levels that end now', () => {
    const bench = interrupted(() => {})
    const reports = bench.of('levels')
    expect(reports.length).toBeGreaterThan(3)
    for (const {at, step, mic, far} of reports) {
      expect(mic.length).toBe(far.length)
      expect(at + step * mic.length).toBeLessThanOrEqual(7.6 * 16_000)
    }
  })
})
