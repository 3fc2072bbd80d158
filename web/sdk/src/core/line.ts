// The caller's line: ticket, socket, coming back, and what goes which way between the gateway, the page and the audio
// processors. A pure machine that runs in the worker; whoever carries it opens sockets and asks for tickets.
//
// Two rules. Nothing is said twice: replies that were cut or heard go to the loudspeaker no more, and who comes back
// says how far it heard. `ended`, `replaced` and `lost` are final: another call is another line.

import {answered, closed, comeBack, dropped, due, farewell, greet, leave, reconnected, start} from './connection.ts'
import {reportAt} from './health.ts'
import type {Line, Out} from './line_state.ts'
import {hasSocket, isDown, isFinal, report, say} from './line_state.ts'
import {emptied} from './microphone_queue.ts'
import {MAX_TYPED_CHARS} from './protocol.ts'
import {OFFLINE_ATTEMPT, QUIET_MOVE_S} from './reconnect.ts'
import type {LineEffect, LineEvent, LineNews} from './signals.ts'
import {holdTicket} from './tickets.ts'
import {captured, done, dueTraffic, fault, play, played, read} from './traffic.ts'

export {idle, type Line} from './line_state.ts'

/**
 * What follows from an event. Any event may come at any time; one that does not fit changes nothing. What the gateway
 * sends is checked here.
 */
export function step(line: Line, event: LineEvent, now: number): readonly [Line, readonly LineEffect[]] {
  const out: LineEffect[] = []
  const after = isFinal(line) ? afterwards(line, event, out) : react(line, event, now, out)
  if (changed(line, after)) out.push({kind: 'tell', news: newsOf(after, now)})
  return [after, out]
}

/** The moment at which the line wants a `woke`, null for none. */
export function wakeAt(line: Line): number | null {
  if (isFinal(line)) return null
  const {phase, ticket, replies, health} = line
  const mayRefresh = (phase === 'idle' || phase === 'waiting') && ticket !== null && !ticket.fetching
  const moments = [
    line.dueAt,
    replies.resumeBy,
    isDown(line) ? line.downAt + line.patienceS : null,
    line.moved === 'quietly' ? line.downAt + QUIET_MOVE_S : null,
    mayRefresh ? ticket.refreshAt : null,
    phase === 'live' ? reportAt(health) : null,
  ].filter((moment) => moment !== null)
  return moments.length > 0 ? Math.min(...moments) : null
}

function react(line: Line, event: LineEvent, now: number, out: Out): Line {
  switch (event.kind) {
    case 'booked':
      return line.phase === 'idle' ? {...line, ticket: holdTicket(event, now)} : line
    case 'start':
      return start(line, event, now, out)
    case 'ticket':
    case 'no_ticket':
      return answered(line, event, now, out)
    case 'opened':
      if (!isCurrent(line, event.socket) || line.phase !== 'connecting') return line
      return line.leaving ? farewell(greet(line, now, out), out) : greet(line, now, out)
    case 'closed':
      return isCurrent(line, event.socket) ? closed(line, event.code, now, out) : line
    case 'text':
      return isCurrent(line, event.socket) ? read(line, event.text, now, out) : line
    case 'binary':
      return isCurrent(line, event.socket) && line.phase === 'live' ? play(line, event.data, out) : line
    case 'capture':
      return captured(line, event.message, event.unsent, now, out)
    case 'playback':
      return played(line, event.message, out)
    case 'type': {
      const text = [...event.text.trim()].slice(0, MAX_TYPED_CHARS).join('')
      return text === '' ? line : say(line, {kind: 'typed', text}, out)
    }
    case 'correct':
      return say(line, {kind: 'correct', field: event.field, value: event.value ?? null}, out)
    case 'consent':
      return say(
        line,
        {kind: 'consent', decision: event.decision, text_version: event.textVersion, lang: event.lang},
        out,
      )
    case 'mode':
      report(line, event, out)
      return {...line, hello: {...line.hello, mode: event.mode}, microphone: emptied(line.microphone), done: false}
    case 'pace':
      report(line, event, out)
      return {...line, hello: {...line.hello, pace: event.pace}}
    case 'done':
      return done(line, out)
    case 'mute':
      out.push({kind: 'to_capture', message: event})
      return {...line, muted: event.on, done: line.done && event.on}
    case 'half_duplex':
      out.push({kind: 'to_capture', message: event})
      return {...line, halfDuplex: event.on}
    case 'connected':
      return reconnected(line, now, out)
    case 'leave':
      return line.leaving ? line : leave(line, now, out)
    case 'offline':
      if (line.phase === 'idle') return line
      return comeBack({...dropped(line, now, out), offline: true, attempt: OFFLINE_ATTEMPT}, now, out)
    case 'online':
      return line.offline ? comeBack({...dropped(line, now, out), offline: false, attempt: 0}, now, out) : line
    case 'freeze':
      return {...line, frozen: true, dueAt: isDown(line) ? null : line.dueAt}
    case 'thaw': {
      const awake = {...line, frozen: false}
      return isDown(line) ? comeBack({...awake, attempt: 0}, now, out) : awake
    }
    case 'fault':
      // told when it is over: it began that much earlier
      return fault(
        line,
        event.what,
        Math.max(0, line.microphone.next - Math.round(event.ms * 16)),
        event.ms,
        event.count,
      )
    case 'woke': {
      const isLong = line.moved === 'quietly' && now >= line.downAt + QUIET_MOVE_S
      return due(dueTraffic(isLong ? {...line, moved: 'slowly'} : line, now, out), now, out)
    }
  }
}

/** The call is over; what is still in the loudspeaker is heard to its end. */
function afterwards(line: Line, event: LineEvent, out: Out): Line {
  return event.kind === 'playback' ? played(line, event.message, out) : line
}

const isCurrent = (line: Line, socket: number) => hasSocket(line) && socket === line.socket

function changed(before: Line, after: Line): boolean {
  return (['phase', 'attempt', 'dueAt', 'moved'] as const).some((name) => before[name] !== after[name])
}

function newsOf(line: Line, now: number): LineNews {
  const {attempt, begun, loss, moved, dueAt} = line
  const phase = line.offline && !isFinal(line) ? 'offline' : line.phase // an attempt that is made all the same is in vain
  return {kind: 'line', phase, attempt, begun, loss, moved, retryInS: isDown(line) && dueAt !== null ? dueAt - now : 0}
}
