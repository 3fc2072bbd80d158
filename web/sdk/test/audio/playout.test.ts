import {describe, expect, test} from 'vitest'
import {RAMP_MS} from '../../src/audio/playout.ts'
import {SAFE} from '../../src/audio/threshold.ts'
import {constant, largestStep, numberAt, numbered, Player, sine} from './player.ts'

const MS = 24 // samples

function lastAbove(sound: Float32Array, level: number): number {
  let last = sound.length - 1
  while (last >= 0 && Math.abs(sound[last] ?? 0) <= level) last--
  return last
}

function silent(sound: Float32Array): boolean {
  return sound.every((sample) => sample === 0)
}

describe('a reply', () => {
  test('is heard sample by sample, then silence, and is told to be finished', () => {
    const player = new Player()
    player.chunk(1, 0, numbered(1, 0, 100 * MS))
    player.done(1, 100 * MS)
    player.seconds(0.2)
    const from = player.sound.findIndex((sample) => sample !== 0)
    const ramp = RAMP_MS * MS
    for (let i = 0; i < 100 * MS; i++)
      expect(player.sound[from + i]).toBeCloseTo((numberAt(1, i) / 32_768) * Math.min(1, (i + 1) / ramp), 5)
    expect(silent(player.sound.subarray(from + 100 * MS))).toBe(true)
    expect(player.of('finished')).toEqual([{kind: 'finished', reply: 1, samples: 100 * MS, at: expect.any(Number)}])
    expect(player.of('audible').map((message) => message.reply)).toEqual([1, 0])
  })

  test('waits for 50 ms of itself, not for more', () => {
    const player = new Player()
    player.chunk(1, 0, constant(49 * MS))
    expect(silent(player.render(128))).toBe(true)
    player.chunk(1, 49 * MS, constant(MS))
    expect(silent(player.render(128))).toBe(false)
  })

  test('that is complete waits for nothing, however short', () => {
    const player = new Player()
    player.chunk(1, 0, constant(5))
    player.done(1, 5)
    player.render(256)
    expect(player.sound.filter((sample) => sample !== 0)).toHaveLength(5)
    expect(player.of('finished')).toHaveLength(1)
  })

  test('whose rest is late sounds after a while all the same', () => {
    const player = new Player()
    player.chunk(1, 0, constant(40 * MS))
    expect(silent(player.seconds(0.25))).toBe(true)
    expect(silent(player.seconds(0.1))).toBe(false)
  })

  test('follows the one before without a gap', () => {
    const player = new Player()
    player.chunk(1, 0, constant(100 * MS))
    player.chunk(2, 0, constant(100 * MS))
    player.done(1, 100 * MS)
    player.done(2, 100 * MS)
    player.seconds(0.3)
    expect(player.sound.filter((sample) => sample === 0.5)).toHaveLength(200 * MS - RAMP_MS * MS + 1)
    expect(player.of('finished').map((message) => message.reply)).toEqual([1, 2])
  })

  test('without an end gives way to the next after a second', () => {
    const player = new Player()
    player.chunk(1, 0, constant(100 * MS))
    player.seconds(0.2)
    player.chunk(2, 0, numbered(2, 0, 100 * MS))
    player.done(2, 100 * MS)
    expect(silent(player.seconds(0.9))).toBe(true)
    player.seconds(0.3)
    expect(player.of('finished').map((message) => message.reply)).toEqual([2])
    player.chunk(1, 100 * MS, constant(100 * MS))
    expect(silent(player.seconds(0.5))).toBe(true)
  })

  test('that a later one has overtaken is not heard', () => {
    const player = new Player()
    player.chunk(2, 0, constant(100 * MS))
    player.render(128)
    player.chunk(1, 0, constant(100 * MS, -8192))
    player.done(2, 100 * MS)
    player.seconds(0.5)
    expect(player.of('finished').map((message) => message.reply)).toEqual([2])
    expect(player.sound.every((sample) => sample >= 0)).toBe(true)
  })

  test('that goes on after a reload begins where it was heard to', () => {
    const player = new Player()
    player.done(3, 48_000 + 200 * MS)
    player.chunk(3, 48_000, constant(200 * MS))
    player.seconds(0.3)
    expect(player.of('fault')).toEqual([])
    expect(player.of('played')[0]?.samples).toBeGreaterThanOrEqual(48_000)
    expect(player.of('finished')[0]?.samples).toBe(48_000 + 200 * MS)
  })

  test('is heard to its last sample, wherever in a quantum that lies', () => {
    for (let count = 100 * MS; count < 100 * MS + 64; count += 3) {
      const player = new Player(48_000)
      player.chunk(1, 0, constant(count))
      player.done(1, count)
      const sum = player.seconds(0.2).reduce((sum, sample) => sum + sample, 0)
      const ramp = RAMP_MS * 48 * 0.25
      expect(sum).toBeGreaterThan(count - ramp - 1)
      expect(sum).toBeLessThan(count - ramp + 1)
    }
  })

  test('of no samples at all is finished at once', () => {
    const player = new Player()
    player.done(1, 0)
    player.seconds(0.1)
    expect(player.of('finished')).toHaveLength(1)
    expect(silent(player.sound)).toBe(true)
  })
})

describe('hold', () => {
  test.each([8000, 16_000, 24_000, 44_100, 48_000, 96_000])('is silence within the ramp at %i Hz', (rate) => {
    const player = new Player(rate)
    player.chunk(1, 0, constant(500 * MS))
    player.seconds(0.2)
    player.hold(1)
    const after = player.seconds(0.1)
    expect(lastAbove(after, 0)).toBeLessThan((rate * RAMP_MS) / 1000 + 1)
    expect(player.room.audible).toBe(0)
  })

  test('loses and repeats nothing', () => {
    const player = new Player()
    player.chunk(1, 0, numbered(1, 0, 300 * MS))
    player.done(1, 300 * MS)
    player.render(1024)
    player.hold(1)
    player.seconds(1)
    const held = player.of('played').at(-1)?.samples
    player.resume(1)
    player.seconds(0.5)
    const heard = player.sound.filter((sample) => sample !== 0)
    expect(heard).toHaveLength(300 * MS)
    expect(held).toBe(1024 + RAMP_MS * MS)
    expect(player.of('fault')).toEqual([])
  })

  test('by the detector in the same room needs no message', () => {
    const player = new Player()
    player.chunk(1, 0, constant(300 * MS))
    player.render(1024)
    player.room.held = player.room.audible
    player.render(RAMP_MS * MS)
    expect(silent(player.seconds(0.1))).toBe(true)
    player.room.held = 0
    expect(silent(player.seconds(0.1))).toBe(false)
  })

  test('of a reply that has just ended goes over to the one that sounds', () => {
    const player = new Player()
    player.chunk(1, 0, constant(60 * MS))
    player.done(1, 60 * MS)
    player.chunk(2, 0, constant(300 * MS))
    player.seconds(0.1)
    player.hold(1)
    player.render(1024)
    expect(silent(player.seconds(0.1))).toBe(true)
    player.resume(1)
    expect(silent(player.seconds(0.1))).toBe(false)
  })

  test('in the last moment of a reply keeps the next one silent', () => {
    const player = new Player()
    player.chunk(1, 0, constant(60 * MS))
    player.done(1, 60 * MS)
    player.chunk(2, 0, constant(300 * MS))
    player.render(60 * MS - 20)
    player.hold(1)
    player.render(256)
    expect(silent(player.seconds(0.1))).toBe(true)
    player.resume(1)
    expect(silent(player.seconds(0.1))).toBe(false)
  })

  test('is over with a cut that comes in the same quantum', () => {
    const player = new Player()
    player.chunk(1, 0, constant(300 * MS))
    player.chunk(2, 0, constant(300 * MS))
    player.seconds(0.1)
    player.hold(1)
    player.cut(1)
    player.render(256)
    expect(player.room.held).toBe(0)
    expect(silent(player.seconds(0.1))).toBe(false)
  })

  test('does not outlive its reply', () => {
    const player = new Player()
    player.chunk(1, 0, constant(300 * MS))
    player.seconds(0.1)
    player.hold(1)
    player.seconds(0.1)
    player.cut(1)
    player.chunk(2, 0, constant(300 * MS))
    expect(silent(player.seconds(0.1))).toBe(false)
    expect(player.room.held).toBe(0)
  })
})

describe('cut', () => {
  test.each([8000, 24_000, 44_100, 48_000])('is silence within the ramp at %i Hz, and for good', (rate) => {
    const player = new Player(rate)
    player.chunk(1, 0, constant(500 * MS))
    player.seconds(0.2)
    player.cut(1)
    player.chunk(1, 500 * MS, constant(500 * MS))
    const after = player.seconds(1)
    expect(lastAbove(after, 0)).toBeLessThan((rate * RAMP_MS) / 1000 + 1)
    expect(player.of('finished')).toEqual([])
    expect(player.of('played').at(-1)).toMatchObject({reply: 1})
  })

  test('takes all replies before it along and leaves the later ones', () => {
    const player = new Player()
    for (const reply of [1, 2, 3]) {
      player.chunk(reply, 0, numbered(reply, 0, 100 * MS))
      player.done(reply, 100 * MS)
    }
    player.render(1024)
    player.cut(2)
    const after = player.seconds(0.3).subarray(RAMP_MS * MS)
    const third = Array.from({length: 100 * MS}, (_, i) => numberAt(3, i) / 32_768)
    const from = after.findIndex((sample) => sample !== 0)
    expect(Array.from(after.subarray(from + RAMP_MS * MS, from + 100 * MS))).toEqual(third.slice(RAMP_MS * MS))
    expect(player.of('finished').map((message) => message.reply)).toEqual([3])
  })

  test('of a held reply is silent and tells what was heard', () => {
    const player = new Player()
    player.chunk(1, 0, constant(500 * MS))
    player.render(1024)
    player.hold(1)
    player.seconds(0.1)
    player.cut(1)
    expect(silent(player.seconds(0.2))).toBe(true)
    expect(player.of('played').at(-1)?.samples).toBe(1024 + RAMP_MS * MS)
  })

  test('of a reply that has not come yet keeps it away', () => {
    const player = new Player()
    player.cut(4)
    player.chunk(4, 0, constant(500 * MS))
    player.chunk(5, 0, constant(500 * MS, 8192))
    player.seconds(0.2)
    expect(player.sound.some((sample) => sample > 0.26)).toBe(false)
    expect(player.room.audible).toBe(5)
  })
})

describe('a link that stutters', () => {
  test('fades out before it runs dry and in again, counted once with its length', () => {
    const player = new Player()
    player.chunk(1, 0, constant(100 * MS))
    player.seconds(0.3)
    player.chunk(1, 100 * MS, constant(400 * MS))
    player.seconds(0.1)
    expect(largestStep(player.sound)).toBeLessThanOrEqual(0.5 / (RAMP_MS * MS) + 1e-6)
    const faults = player.of('fault')
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({what: 'underrun', count: 1})
    expect(faults[0]?.ms).toBeGreaterThan(190)
    expect(faults[0]?.ms).toBeLessThan(225)
    const at = (faults[0]?.at ?? 0) / 16
    expect(at).toBeGreaterThan(85) // a quantum and a ramp before the last sample
    expect(at).toBeLessThan(100)
  })

  test('makes the next start wait for more, up to a bound, and less again with time', () => {
    const player = new Player()
    player.chunk(1, 0, constant(60 * MS))
    player.seconds(0.1)
    player.chunk(1, 60 * MS, constant(60 * MS))
    expect(player.playout.threshold.ms).toBe(50)
    expect(silent(player.seconds(0.05))).toBe(false)
    const raised = player.playout.threshold.ms
    expect(raised).toBeGreaterThanOrEqual(80)
    player.seconds(10)
    player.chunk(1, 120 * MS, constant(20_000 * MS))
    player.seconds(0.1)
    expect(player.playout.threshold.ms).toBeCloseTo(200, 0)
    player.seconds(15)
    expect(player.playout.threshold.ms).toBeLessThan(160)
    expect(player.playout.threshold.ms).toBeGreaterThan(150)
  })

  test('at the end of a reply is no underrun', () => {
    const player = new Player()
    player.chunk(1, 0, constant(100 * MS))
    player.seconds(0.105)
    player.done(1, 100 * MS)
    player.seconds(1)
    expect(player.of('finished')).toHaveLength(1)
    expect(player.sound.filter((sample) => sample !== 0)).toHaveLength(100 * MS)
  })

  test('with the safe preset is given 300 ms', () => {
    const player = new Player(24_000, SAFE)
    player.chunk(1, 0, constant(299 * MS))
    expect(silent(player.seconds(0.1))).toBe(true)
    player.chunk(1, 299 * MS, constant(MS))
    expect(silent(player.seconds(0.1))).toBe(false)
  })

  test('leaves a hole of its own length, counted', () => {
    const player = new Player()
    player.chunk(1, 0, constant(100 * MS))
    player.chunk(1, 150 * MS, constant(100 * MS))
    player.done(1, 250 * MS)
    player.seconds(0.4)
    expect(player.of('fault')).toEqual([{kind: 'fault', what: 'gap', at: 0, ms: 50, count: 1}])
    expect(player.of('finished')[0]?.samples).toBe(250 * MS)
    const first = player.sound.findIndex((sample) => sample !== 0)
    expect(lastAbove(player.sound, 0) - first + 1).toBe(250 * MS)
  })
})

test('the device rate changes nothing but the rate', () => {
  for (const rate of [8000, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]) {
    const player = new Player(rate)
    player.chunk(1, 0, sine(440, 0, 24_000))
    player.done(1, 24_000)
    player.seconds(1.2)
    const from = player.sound.findIndex((sample) => sample !== 0)
    const played = lastAbove(player.sound, 0.005) - from
    expect(played / rate).toBeCloseTo(1, 2)
    expect(player.of('finished')[0]?.samples).toBe(24_000)
    // but for its abrupt end, a sine stays a sine
    expect(largestStep(player.sound.subarray(0, 0.98 * rate))).toBeLessThan(0.5 * ((2 * Math.PI * 440) / rate) * 1.01)
  }
})

test('what is heard is told every 100 ms, never more than was rendered', () => {
  const player = new Player(48_000)
  player.chunk(1, 0, constant(1000 * MS))
  player.done(1, 1000 * MS)
  player.seconds(1.2)
  const told = player.of('played')
  expect(told.length).toBeGreaterThanOrEqual(9)
  for (const {samples, at} of told) expect(samples).toBeLessThanOrEqual((at / 16_000) * 24_000 + 1)
  for (const {samples, at} of told) expect(samples).toBeGreaterThan((at / 16_000) * 24_000 - 10 * MS)
})

test('what cannot be played is passed over', () => {
  const player = new Player()
  player.chunk(1, 0, constant(0))
  player.chunk(0, 0, constant(4800))
  player.done(0, 100)
  player.hold(7)
  player.cut(9)
  player.resume(3)
  player.chunk(9, 0, constant(4800))
  expect(silent(player.seconds(0.5))).toBe(true)
  expect(player.playout.ring.current).toBe(0)
  expect(player.told).toEqual([])
})
