// Listens to what leaves a page's AudioContext, sample by sample, and compares it with what the server sent.

import type {BrowserContext, Page} from 'playwright-core'
import {expect} from 'vitest'
import type {Frame} from './wire.ts'

/** Runs in the audio thread. */
const PROCESSOR = `
registerProcessor('tap', class extends AudioWorkletProcessor {
  parts = []
  process([input]) {
    this.parts.push(input[0] ? input[0].slice() : new Float32Array(128))
    if (this.parts.length === 64) {
      const whole = new Float32Array(64 * 128)
      this.parts.forEach((part, index) => whole.set(part, index * 128))
      this.parts = []
      this.port.postMessage(whole, [whole.buffer])
    }
    return true
  }
})`

/** Runs in the page before its own code: whatever is connected to a way out is connected to the tap, too. */
function install(processor: string): void {
  const heard: Float32Array[] = []
  const tap = {heard, rate: 0}
  Object.assign(globalThis, {tap})
  type Connect = (this: AudioNode, ...to: unknown[]) => unknown
  const connect = AudioNode.prototype.connect as Connect
  const taps = new WeakMap<BaseAudioContext, Promise<AudioWorkletNode>>()
  const tapOf = (context: BaseAudioContext) => {
    const found = taps.get(context)
    if (found !== undefined) return found
    const made = context.audioWorklet
      .addModule(URL.createObjectURL(new Blob([processor], {type: 'text/javascript'})))
      .then(() => {
        const node = new AudioWorkletNode(context, 'tap', {
          numberOfOutputs: 0,
          channelCount: 1,
          channelCountMode: 'explicit',
        })
        tap.rate = context.sampleRate
        node.port.onmessage = ({data}) => heard.push(data)
        return node
      })
    taps.set(context, made)
    return made
  }
  const isWayOut = (node: unknown) =>
    node instanceof AudioDestinationNode || node instanceof MediaStreamAudioDestinationNode
  const listened: Connect = function (...to) {
    if (isWayOut(to[0])) void tapOf(this.context).then((node) => connect.call(this, node))
    return connect.apply(this, to)
  }
  Object.assign(AudioNode.prototype, {connect: listened})
}

/** Have every page of a visitor listened to; the visitor's browser must not keep to our policy (`bypassCSP`). */
export async function tapped(context: BrowserContext): Promise<void> {
  await context.addInitScript(install, PROCESSOR)
}

export type Levels = readonly number[]

/** RMS of each 10 ms of what was heard since the page was loaded. */
export function heard(page: Page): Promise<Levels> {
  return page.evaluate(() => {
    const {tap} = globalThis as unknown as {tap: {heard: Float32Array[]; rate: number}}
    const step = tap.rate / 100
    const levels: number[] = []
    let sum = 0
    let count = 0
    for (const part of tap.heard)
      for (const sample of part) {
        sum += sample * sample
        if (++count >= step) {
          levels.push(Math.sqrt(sum / count))
          sum = count = 0
        }
      }
    return levels
  })
}

/** RMS of each 10 ms of a reply as the server sent it. */
export function sentReply(sent: readonly Frame[], reply: number): Levels {
  const whole: number[] = []
  for (const frame of sent) {
    if (frame.reply !== reply) continue
    for (const [index, sample] of frame.pcm.entries()) whole[frame.position + index] = sample / 32768
  }
  const levels: number[] = []
  for (let at = 0; at + 240 <= whole.length; at += 240) {
    const part = whole.slice(at, at + 240)
    levels.push(Math.sqrt(part.reduce((sum, sample) => sum + (sample ?? 0) ** 2, 0) / 240))
  }
  return levels
}

/** How alike two stretches of levels are, -1..1. */
function correlation(left: Levels, right: Levels): number {
  const mean = (of: Levels) => of.reduce((sum, level) => sum + level, 0) / of.length
  const [leftMean, rightMean] = [mean(left), mean(right)]
  let both = 0
  let leftOnly = 0
  let rightOnly = 0
  for (const [index, level] of left.entries()) {
    const [a, b] = [level - leftMean, (right[index] ?? 0) - rightMean]
    both += a * b
    leftOnly += a * a
    rightOnly += b * b
  }
  return leftOnly && rightOnly ? both / Math.sqrt(leftOnly * rightOnly) : 0
}

/** Over three steps: the two recordings need not begin in the same hundredth of a second. */
function smooth(levels: Levels): Levels {
  return levels.map((level, index) => ((levels[index - 1] ?? 0) + level + (levels[index + 1] ?? 0)) / 3)
}

/** Where in a whole a stretch lies best, and how alike they are there. */
function find(part: Levels, whole: Levels): {readonly at: number; readonly likeness: number} {
  let best = {at: -1, likeness: -1}
  for (let at = 0; at + part.length <= whole.length; at++) {
    const likeness = correlation(part, whole.slice(at, at + part.length))
    if (likeness > best.likeness) best = {at, likeness}
  }
  return best
}

/** A second: long enough that no other second of speech is like it. */
const STRETCH = 100

/**
 * For each whole second of what was sent: how many 10 ms later in the recording it was heard, and how alike the two are.
 * Sound without a gap and without a repetition is late by the same all along.
 */
export function delays(sent: Levels, whole: Levels): {readonly late: number; readonly likeness: number}[] {
  const [wanted, got] = [smooth(sent), smooth(whole)]
  return Array.from({length: Math.floor(sent.length / STRETCH)}, (_, index) => {
    const {at, likeness} = find(wanted.slice(index * STRETCH, (index + 1) * STRETCH), got)
    return {late: at - index * STRETCH, likeness}
  })
}

/** Fails unless what was sent came out whole: all seconds of it late by the same. */
export function expectWhole(found: readonly {readonly late: number; readonly likeness: number}[]): void {
  expect(found.length).toBeGreaterThan(1)
  expect(Math.min(...found.map(({likeness}) => likeness))).toBeGreaterThan(0.95)
  const late = found.map((each) => each.late)
  // 10 ms are the grain of the levels
  expect(Math.max(...late) - Math.min(...late)).toBeLessThanOrEqual(1)
}
