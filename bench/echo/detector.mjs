// The shipped detector as a process: frames of the microphone and of the loudspeaker in, what it said about them out.
//
// In, each frame: 512 Int16 of the microphone, 512 of the loudspeaker. Out, each frame, seven Float64: the flags of all its
// steps; milliseconds from the begin of the sound that was doubted to the end of the frame; microseconds that it took; the
// echo state by number; return loss, delay and noise as they would be reported, NaN while unknown.

import {readSync, writeSync} from 'node:fs'
import {DOUBT, Detector} from '../../web/sdk/src/audio/detector.ts'
import {Envelope} from '../../web/sdk/src/audio/envelope.ts'

const RATE = 16_000
const FRAME = 512
const QUANTUM = 128
const STATES = ['unknown', 'good', 'poor', 'raw']

const heard = new Uint8Array(4 * FRAME)
const pcm = new Int16Array(heard.buffer)
const quantum = new Float32Array(QUANTUM)
const said = new Float64Array(7)
const mic = new Envelope(RATE)
const far = new Envelope(RATE)
const detector = new Detector(mic.seconds)

function load(from) {
  for (let i = 0; i < QUANTUM; i++) quantum[i] = pcm[from + i] / 32_768
  return quantum
}

function fill() {
  for (let at = 0; at < heard.length; ) {
    const count = readSync(0, heard, at, heard.length - at, null)
    if (count === 0) return false
    at += count
  }
  return true
}

while (fill()) {
  let flags = 0
  let ago = 0
  const began = process.cpuUsage()
  for (let at = 0; at < FRAME; at += QUANTUM) {
    far.push(load(FRAME + at))
    if (!mic.push(load(at))) continue
    const now = detector.step(mic, far)
    flags |= now
    if (now & DOUBT) ago = 1000 * detector.soundedFor + ((FRAME - at - QUANTUM) * 1000) / RATE
  }
  const spent = process.cpuUsage(began)
  const took = spent.user + spent.system
  said.set([flags, ago, took, STATES.indexOf(detector.echo), detector.returnLossDb ?? NaN, detector.delayMs ?? NaN, detector.noiseDbfs ?? NaN])
  writeSync(1, new Uint8Array(said.buffer))
}
