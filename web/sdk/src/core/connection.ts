// Getting the line up and up again: tickets, sockets, greeting, coming back.

import {noteFault} from './health.ts'
import type {Line, Out} from './line_state.ts'
import {finish, giveUp, hangUp, hush, isDown, report, sayAgain, send} from './line_state.ts'
import {emptied, heardTo, inDoubt, moveTo} from './microphone_queue.ts'
import type {Welcome} from './protocol.ts'
import {SUBPROTOCOL, TICKET_PREFIX, VERSION} from './protocol.ts'
import {
  ELSEWHERE_AFTER_S,
  HEALTHY_AFTER_S,
  LEAVE_WITHIN_S,
  OPEN_WITHIN_S,
  outcomeOf,
  PATIENCE_S,
  WELCOME_WITHIN_S,
  waitBefore,
} from './reconnect.ts'
import {nothingHeard} from './replies.ts'
import type {LineEvent} from './signals.ts'
import {askAgain, holdTicket, isStale} from './tickets.ts'

export function start(line: Line, event: LineEvent & {readonly kind: 'start'}, now: number, out: Out): Line {
  if (line.phase !== 'idle') return line
  const {hello, chance, heard = nothingHeard.heard} = event
  const returns = event.heard !== undefined
  const replies = {...nothingHeard, heard}
  const microphone = {...line.microphone, lastAt: now}
  return comeBack({...line, returns, replies, microphone, hello, chance, downAt: now}, now, out)
}

/** The next attempt, now or later; or the end, when there is no ticket to come with or the call waits no longer. */
export function comeBack(line: Line, now: number, out: Out): Line {
  if (line.leaving) return finish(line, 'ended', out)
  if (!line.ticket?.ticket) return giveUp(line, line.begun ? 'call_gone' : 'ticket_expired', out)
  if (now >= line.downAt + line.patienceS) return giveUp(line, 'unreachable', out)
  const waiting: Line = {...line, phase: line.offline ? 'offline' : 'waiting', dueAt: null}
  if (line.frozen) return waiting
  const wait = waitBefore(line.attempt + 1, line.chance)
  return wait > 0 ? {...waiting, dueAt: now + wait} : connect(waiting, now, out)
}

/** Open a socket, as soon as the ticket is fresh. */
export function connect(waiting: Line, now: number, out: Out): Line {
  const line = refresh({...waiting, dueAt: null}, now, out)
  if (line.ticket === null || line.ticket.fetching) return line
  const {url, ticket} = line.ticket
  const socket = line.socket + 1
  out.push({kind: 'open', socket, url, protocols: [SUBPROTOCOL, TICKET_PREFIX + ticket]})
  return {...line, phase: 'connecting', socket, attempt: line.attempt + 1, dueAt: now + OPEN_WITHIN_S}
}

/** Ask for a fresh ticket when the old one is about to expire. */
export function refresh(line: Line, now: number, out: Out): Line {
  const {ticket} = line
  if (ticket === null || !isStale(ticket, now)) return line
  out.push({kind: 'fetch_ticket', ticket: ticket.ticket})
  return {...line, ticket: {...ticket, fetching: true}}
}

export function answered(
  line: Line,
  event: LineEvent & {readonly kind: 'ticket' | 'no_ticket'},
  now: number,
  out: Out,
): Line {
  const {ticket} = line
  if (!ticket?.fetching) return line
  if (event.kind === 'no_ticket' && event.final) return giveUp(line, 'ticket_expired', out)
  const held = event.kind === 'ticket' ? holdTicket({...ticket, ...event}, now) : askAgain(ticket, now)
  const after = {...line, ticket: held}
  return isDown(line) && line.dueAt === null && !line.frozen ? connect(after, now, out) : after
}

export function greet(line: Line, now: number, out: Out): Line {
  const {heard} = line.replies
  send(line, {kind: 'hello', ...line.hello, ...heard}, out)
  const {mode, pace} = line.hello
  return {...line, phase: 'greeting', greeted: {mode, pace, heard}, dueAt: now + WELCOME_WITHIN_S}
}

/**
 * The caller hangs up. From a call that is on but whose line is down they come back once more to say so: the server
 * would wait for them for minutes.
 */
export function leave(line: Line, now: number, out: Out): Line {
  if (line.phase === 'live' || line.phase === 'greeting') return farewell(line, out)
  const quiet = hush(line, out)
  if (!(line.begun || line.returns) || !line.ticket?.ticket) return finish(quiet, 'ended', out)
  const leaving: Line = {...quiet, leaving: true, microphone: emptied(line.microphone)}
  const coming = line.phase === 'connecting' ? leaving : connect(leaving, now, out)
  return {...coming, dueAt: now + LEAVE_WITHIN_S}
}

/** The last words of a line that was greeted: what the caller did while it was down, and that they are gone. */
export function farewell(line: Line, out: Out): Line {
  const again = line.phase === 'live' ? [] : line.unsure
  for (const said of [...again, ...line.waiting, {kind: 'leave'} as const]) send(line, said, out)
  return finish(hush(line, out), 'ended', out)
}

/** The call is on, or on again. */
export function welcomed(
  line: Line,
  message: Pick<Welcome, 'version' | 'call' | 'resume' | 'at' | 'heard' | 'taken' | 'return_within_s' | 'erase'>,
  now: number,
  out: Out,
): Line {
  if (message.version !== VERSION || line.ticket === null) return giveUp(line, 'protocol', out)
  const {heard} = line.replies
  const {at, call, resume, erase} = message
  // who begins, or was reloaded, has a clock of its own until now; any other is ahead of what the gateway has heard
  const microphone = line.begun ? heardTo(line.microphone, message.heard, now) : moveTo(line.microphone, at, now)
  const live: Line = {
    ...line,
    phase: 'live',
    liveAt: now,
    dueAt: null,
    begun: true,
    moved: null,
    patienceS: message.return_within_s > 0 ? message.return_within_s : PATIENCE_S,
    offline: false,
    ticket: {...line.ticket, ticket: resume, refreshAt: null},
    greeted: {...line.greeted, heard},
    microphone,
    replies: {...line.replies, returning: true},
    health: line.begun ? noteFault(line.health, gap(line, now)) : line.health,
  }
  out.push({kind: 'tell', news: {kind: 'keep', keepsake: {call, resume, ...heard}}})
  out.push({kind: 'tell', news: {kind: 'erasable', token: erase}})
  const {mode = 'voice'} = live.hello
  if (mode !== (line.greeted.mode ?? 'voice')) report(live, {kind: 'mode', mode}, out)
  const {pace} = live.hello
  if (pace && pace !== line.greeted.pace) report(live, {kind: 'pace', pace}, out)
  if (heard !== line.greeted.heard) report(live, {kind: 'played', ...heard, at: microphone.next}, out)
  if (live.echo !== null) report(live, {kind: 'echo', state: live.echo}, out)
  return sayAgain(live, message.taken, out)
}

function gap(line: Line, now: number) {
  return {what: 'network_gap', at: line.microphone.next, ms: Math.max(0, now - line.downAt) * 1000, count: 1} as const
}

/** The socket has closed by itself. */
export function closed(line: Line, code: number, now: number, out: Out): Line {
  const down = goDown(line, now)
  if (line.leaving) return finish(down, 'ended', out)
  const outcome = outcomeOf(code, line.begun || line.returns)
  switch (outcome) {
    case 'again':
      return comeBack(down, now, out)
    case 'moved':
      return comeBack(line.phase === 'live' ? {...down, moved: 'quietly'} : down, now, out)
    case 'elsewhere': {
      // the server may not have noticed that a socket of ours is gone
      const mayBeOurs = line.begun || now < line.downAt + ELSEWHERE_AFTER_S
      return mayBeOurs ? comeBack(down, now, out) : giveUp(down, outcome, out)
    }
    case 'ended':
      return finish(down, 'ended', out)
    case 'replaced':
      return finish(hush(down, out), 'replaced', out)
    default:
      return giveUp(down, outcome, out)
  }
}

/** The socket is not waited for any more. */
export function dropped(line: Line, now: number, out: Out): Line {
  hangUp(line, out)
  return goDown(line, now)
}

function goDown(line: Line, now: number): Line {
  const wasLive = line.phase === 'live'
  const wasGood = wasLive && now - line.liveAt >= HEALTHY_AFTER_S
  const attempt = wasGood ? 0 : line.attempt
  const microphone = inDoubt(line.microphone)
  return {...line, phase: 'waiting', dueAt: null, downAt: wasLive ? now : line.downAt, attempt, microphone}
}

/**
 * Other processors than before: they are told what the old ones knew. What those had queued is lost; the gateway sends
 * it again to who comes back.
 */
export function reconnected(line: Line, now: number, out: Out): Line {
  const {muted, halfDuplex, replies} = line
  if (muted) out.push({kind: 'to_capture', message: {kind: 'mute', on: true}})
  if (halfDuplex) out.push({kind: 'to_capture', message: {kind: 'half_duplex', on: true}})
  if (replies.over > 0) out.push({kind: 'to_playback', message: {kind: 'cut', reply: replies.over}})
  out.push({kind: 'tell', news: {kind: 'audible', reply: 0}})
  const isQueued = replies.newest > replies.over
  const microphone = {...line.microphone, offset: null} // another clock
  const after = {...line, microphone, replies: {...replies, held: 0, resumeBy: null}}
  if (line.phase !== 'live' || !isQueued || !line.ticket?.ticket) return after
  return comeBack(dropped(after, now, out), now, out)
}

/** A moment of the connection has come. */
export function due(line: Line, now: number, out: Out): Line {
  if (isDown(line) && now >= line.downAt + line.patienceS) return giveUp(line, 'unreachable', out)
  const isDue = line.dueAt !== null && now >= line.dueAt
  if (isDue)
    return isDown(line) && !line.leaving ? connect(line, now, out) : comeBack(dropped(line, now, out), now, out)
  return line.phase === 'idle' || line.phase === 'waiting' ? refresh(line, now, out) : line
}
