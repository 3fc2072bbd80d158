// What goes which way on a line: the gateway's messages and replies, the microphone, what the processors report.

import type {CaptureToWorker, Disturbed, PlaybackToWorker} from '../ports.ts'
import {welcomed} from './connection.ts'
import {decodeReply, encodeMic} from './frames.ts'
import {noteFault, reportAt} from './health.ts'
import type {Line, Out} from './line_state.ts'
import {finish, report} from './line_state.ts'
import {decodeGateway} from './messages.ts'
import {allSent, onCallClock, take, unsent} from './microphone_queue.ts'
import type {Fault} from './protocol.ts'
import {CALLER_HZ} from './protocol.ts'
import {doubt, hear, pass} from './replies.ts'

/** Beyond this the network takes the microphone slower than it comes, and frames wait in the queue: 2 s of them. */
const MAX_BUFFERED_BYTES = 64_000
/** What the protocol has for digital silence. */
const SILENCE_DBFS = -120

/** A text message of the gateway. */
export function read(line: Line, text: string, now: number, out: Out): Line {
  const message = decodeGateway(text)
  if (message === null) return line
  const isFirst = message.kind === 'welcome'
  if (isFirst !== (line.phase === 'greeting') && message.kind !== 'ended') return line // twice, or too early
  switch (message.kind) {
    case 'hold':
    case 'resume':
    case 'cut':
      return {...line, replies: pass(line.replies, message, out)}
    case 'reply_done': {
      const {reply, samples} = message
      return {...line, replies: pass(line.replies, {kind: 'done', reply, samples}, out)}
    }
    case 'gate':
    case 'pulse':
      return line
    case 'welcome':
      out.push({kind: 'tell', news: {kind: 'gateway', message: {...message, resume: '', erase: ''}}})
      return flush(welcomed(line, message, now, out), 0, out)
    default:
      out.push({kind: 'tell', news: {kind: 'gateway', message}})
      return message.kind === 'ended' ? finish(line, 'ended', out) : line
  }
}

/** A binary message of the gateway. */
export function play(line: Line, data: ArrayBuffer, out: Out): Line {
  const chunk = decodeReply(data)
  return chunk === null ? line : {...line, replies: pass(line.replies, chunk, out)}
}

/** A suppressor of somebody else's may deliver what is no number, and the gateway hangs up on who sends that. */
const finite = (value: number, otherwise: number) => (Number.isFinite(value) ? value : otherwise)
const decibels = (value: number) => finite(value, SILENCE_DBFS)

export function captured(line: Line, message: CaptureToWorker, buffered: number, now: number, out: Out): Line {
  const at = 'at' in message ? onCallClock(line.microphone, message.at) : 0
  switch (message.kind) {
    case 'frame': {
      if (line.phase === 'idle' || line.hello.mode === 'text') return line
      return flush({...line, microphone: take(line.microphone, message.position, message.pcm, now)}, buffered, out)
    }
    case 'doubt': {
      const {reply, level} = message
      report(line, {kind: 'doubt', reply, at, level: finite(level, 0)}, out)
      return {...line, replies: doubt(line.replies, reply, now)}
    }
    case 'levels': {
      const {step, mic, far, returnLossDb, delayMs, noiseDbfs} = message
      const estimates = {return_loss_db: returnLossDb, delay_ms: delayMs, noise_dbfs: noiseDbfs}
      report(line, {kind: 'levels', at, step, mic: mic.map(decibels), far: far.map(decibels), ...estimates}, out)
      return line
    }
    case 'echo':
      out.push({kind: 'tell', news: message})
      report(line, message, out)
      return {...line, echo: message.state}
    case 'silent':
      out.push({kind: 'tell', news: message})
      return line
    case 'fault':
      return disturbed(line, message)
  }
}

/** Send what the microphone's queue has for the line, while that takes it. */
function flush(line: Line, buffered: number, out: Out): Line {
  if (line.phase !== 'live' || buffered > MAX_BUFFERED_BYTES) return line
  const {dropped} = line.microphone
  const frames = unsent(line.microphone)
  for (const {position, pcm} of frames) out.push({kind: 'send', socket: line.socket, data: encodeMic(position, pcm)})
  if (line.done) report(line, {kind: 'done'}, out)
  const flushed = {...line, done: false, microphone: allSent(line.microphone)}
  if (dropped === 0) return flushed
  const ms = (dropped * 1000) / CALLER_HZ
  out.push({kind: 'tell', news: {kind: 'mic_dropped', ms}})
  const at = Math.max(0, (frames[0]?.position ?? dropped) - dropped)
  return {...flushed, health: noteFault(line.health, {what: 'mic_dropped', at, ms, count: 1})}
}

/** The caller's turn is over: told behind the last of what they said, which may have to wait for the line. */
export function done(line: Line, out: Out): Line {
  if (line.phase === 'idle' || line.hello.mode === 'text') return line
  if (line.phase !== 'live' || unsent(line.microphone).length > 0) return {...line, done: true}
  report(line, {kind: 'done'}, out)
  return line
}

export function played(line: Line, message: PlaybackToWorker, out: Out): Line {
  switch (message.kind) {
    case 'played':
    case 'finished': {
      const replies = hear(line.replies, message)
      const {heard} = replies
      if (heard !== line.replies.heard) {
        out.push({kind: 'tell', news: {kind: 'heard', ...heard}})
        report(line, {kind: 'played', ...heard, at: onCallClock(line.microphone, message.at)}, out)
      }
      return {...line, replies}
    }
    case 'audible':
      out.push({kind: 'tell', news: message})
      return line
    case 'fault':
      return disturbed(line, message)
  }
}

function disturbed(line: Line, {what, at, ms, count}: Disturbed): Line {
  return fault(line, what, onCallClock(line.microphone, at), ms, count)
}

/** To be reported. */
export function fault(line: Line, what: Fault['what'], at: number, ms: number, count: number): Line {
  return {...line, health: noteFault(line.health, {what, at, ms: Math.max(0, ms), count: Math.max(1, count)})}
}

/** The processors' moments: a hold that nobody answered, a report that is due. */
export function dueTraffic(line: Line, now: number, out: Out): Line {
  let {replies, health} = line
  if (replies.resumeBy !== null && now >= replies.resumeBy) {
    replies = {...pass(replies, {kind: 'resume', reply: replies.held}, out), resumeBy: null}
  }
  const reportBy = reportAt(health)
  if (line.phase === 'live' && reportBy !== null && now >= reportBy) {
    report(line, {kind: 'health', faults: health.faults}, out)
    health = {faults: [], reportedAt: now}
  }
  return {...line, replies, health}
}
