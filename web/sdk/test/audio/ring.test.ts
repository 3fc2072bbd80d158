import {describe, expect, test} from 'vitest'
import {CHUNK_SAMPLES, MAX_QUEUED_SAMPLES, MAX_REPLIES, Ring} from '../../src/audio/ring.ts'
import {numbered} from './player.ts'

function pcm(reply: number, from: number, count: number): ArrayBuffer {
  return numbered(reply, from, count).buffer as ArrayBuffer
}

function read(ring: Ring, count: number): number[] {
  const output = new Float32Array(count)
  return Array.from(output.subarray(0, ring.read(output, 0, count)), (sample) => Math.round(sample * 32_768))
}

describe('chunks', () => {
  test('are read once and in order', () => {
    const ring = new Ring()
    for (let at = 0; at < 1000; at += 100) expect(ring.push(1, at, pcm(1, at, 100))).toBe(0)
    expect(read(ring, 550)).toEqual(Array.from(numbered(1, 0, 550)))
    expect(read(ring, 1000)).toEqual(Array.from(numbered(1, 550, 450)))
    expect(ring.available).toBe(0)
  })

  test('that overlap give what is new', () => {
    const ring = new Ring()
    ring.push(1, 0, pcm(1, 0, 100))
    ring.push(1, 40, pcm(1, 40, 100))
    expect(read(ring, 200)).toEqual(Array.from(numbered(1, 0, 140)))
  })

  test('that came already are dropped, heard or not', () => {
    const ring = new Ring()
    ring.push(1, 0, pcm(1, 0, 100))
    ring.push(1, 0, pcm(1, 0, 100))
    expect(read(ring, 200)).toHaveLength(100)
    ring.push(1, 50, pcm(1, 50, 50))
    expect(ring.available).toBe(0)
  })

  test('that are missing are silence of their length', () => {
    const ring = new Ring()
    ring.push(1, 0, pcm(1, 0, 100))
    expect(ring.push(1, 130, pcm(1, 130, 100))).toBe(30)
    expect(ring.push(1, 100, pcm(1, 100, 30))).toBe(0)
    expect(read(ring, 300)).toEqual([...numbered(1, 0, 100), ...new Array(30).fill(0), ...numbered(1, 130, 100)])
  })

  test('behind the end of their reply are not heard', () => {
    const ring = new Ring()
    ring.push(1, 0, pcm(1, 0, 100))
    ring.done(1, 60)
    ring.done(1, 1000)
    expect(ring.complete).toBe(true)
    expect(read(ring, 100)).toHaveLength(60)
  })

  test('of a reply that is over are late', () => {
    const ring = new Ring()
    ring.push(2, 0, pcm(2, 0, 100))
    ring.cut(2)
    ring.push(2, 100, pcm(2, 100, 100))
    ring.push(1, 0, pcm(1, 0, 100))
    ring.done(1, 100)
    expect(ring.current).toBe(0)
    ring.push(3, 0, pcm(3, 0, 100))
    expect(ring.current).toBe(3)
  })
})

describe('replies', () => {
  test('are in the order of their numbers', () => {
    const ring = new Ring()
    for (const reply of [3, 1, 2]) ring.push(reply, 0, pcm(reply, 0, 10))
    expect(ring.current).toBe(1)
    expect(read(ring, 100)).toHaveLength(10)
    ring.cut(ring.current)
    expect(ring.current).toBe(2)
  })

  test('are as many as a gateway keeps', () => {
    const ring = new Ring()
    for (let reply = 1; reply <= MAX_REPLIES + 1; reply++) ring.push(reply, 0, pcm(reply, 0, 1))
    ring.done(MAX_REPLIES + 2, 5)
    ring.cut(MAX_REPLIES)
    expect(ring.current).toBe(0)
    ring.push(MAX_REPLIES + 1, 0, pcm(1, 0, 1))
    expect(ring.current).toBe(MAX_REPLIES + 1)
  })
})

describe('memory', () => {
  test('is bounded by sound, silence included, and freed by reading and cutting', () => {
    const ring = new Ring()
    const big = MAX_QUEUED_SAMPLES / 10 - CHUNK_SAMPLES
    for (let i = 0; i < 9; i++) ring.push(1, i * big, new ArrayBuffer(2 * big))
    const last = 9 * big
    ring.push(1, last, new ArrayBuffer(2 * big))
    expect(ring.available).toBe(10 * big)
    ring.push(1, 10 * big, pcm(1, 0, 200))
    expect(ring.available).toBe(10 * big)
    ring.read(new Float32Array(big), 0, big)
    ring.push(1, 10 * big, pcm(1, 0, 50))
    expect(ring.available).toBe(last + 50)
    ring.push(2, 0, new ArrayBuffer(2 * big))
    expect(ring.more).toBe(false)
    ring.cut(1)
    ring.push(2, 0, new ArrayBuffer(2 * MAX_QUEUED_SAMPLES))
    expect(ring.available).toBe(MAX_QUEUED_SAMPLES)
  })

  test('is bounded by chunks, however small', () => {
    const ring = new Ring()
    for (let at = 0; at < 20_000; at++) ring.push(1, at, pcm(1, at, 1))
    const queued = ring.available
    expect(queued * CHUNK_SAMPLES).toBeLessThanOrEqual(MAX_QUEUED_SAMPLES)
    expect(queued * (CHUNK_SAMPLES + 1)).toBeGreaterThan(MAX_QUEUED_SAMPLES - 2 * CHUNK_SAMPLES)
    read(ring, 2000)
    ring.push(1, queued, pcm(1, queued, 1))
    expect(read(ring, 20_000)).toEqual(Array.from(numbered(1, 2000, queued + 1 - 2000)))
  })

  test('is not given to a hole that nobody would wait for', () => {
    const ring = new Ring()
    ring.push(1, 0, pcm(1, 0, 10))
    expect(ring.push(1, 24_000 * 11, pcm(1, 0, 10))).toBe(0)
    expect(ring.available).toBe(10)
  })
})
