// One call as the page sees it: what is shown, and what may be done. The work is done by a `Run`, one for each start.

import type {Consent} from '../core/protocol.ts'
import type {ViewEvent} from '../core/signals.ts'
import {initial, step, type View} from '../core/view.ts'
import {isTicket} from './booking.ts'
import {browserHost, type Host} from './host.ts'
import {Shelf} from './keeping.ts'
import type {CallOptions, Mode, Shown, VoiceCall} from './options.ts'
import {post} from './posting.ts'
import {Run, type Settings} from './run.ts'
import {NO_SOUND} from './voice.ts'

/** People let go of the key on their last syllable, and that is still on its way through the device. Not tuned. */
const TAIL_MS = 200

/**
 * A call that nothing has been done for yet: no request, no listener, nothing stored before `start`.
 *
 * @throws TypeError for options that could never make a call.
 */
export function createCall(options: CallOptions, host: Host = browserHost): VoiceCall {
  check(options)
  const listeners = new Set<(view: View) => void>()
  let wanted = options.mode ?? 'voice'
  let view: View = {...initial, mode: wanted}
  if (options.pace) view = step(view, {kind: 'takes_time', on: options.pace === 'interview'})
  let run: Run | null = null
  let ticket = options.ticket
  let microphone = options.microphone
  /** On recording, by who has not been asked yet: told once in a call. */
  let decided: readonly [Consent['decision'], Shown?] | null = null
  /** Leave to erase the call. A secret: in no view, in no storage. */
  let erasing = ''
  /** While the last syllable is waited for: forgets it. */
  let tail: (() => void) | null = null
  const isOn = () => run !== null && !run.over
  const isTalk = () => isOn() && !run?.ended
  const settings = () => settingsOf({...options, mode: wanted, ...(microphone && {microphone})}, host)
  const listen = () => run?.mute(view.why.muted || (view.pushToTalk && !view.talking && tail === null))
  const endTail = () => {
    tail?.()
    tail = null
  }

  const tell = (event: ViewEvent) => {
    if (event.kind === 'erasable') erasing = event.token
    const next = step(view, event)
    if (next === view) return
    view = next
    if (view.consent === 'ask' && decided !== null) {
      const told = decided
      decided = null
      call.consent(...told)
      return
    }
    for (const listener of [...listeners]) {
      try {
        listener(view)
      } catch (error) {
        host.clock.after(0, () => {
          throw error // the page's own: its console shall show it, the call goes on
        })
      }
    }
  }

  const call: VoiceCall = {
    get view() {
      return view
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async start() {
      if (run?.ended) run.leave()
      if (isOn()) return
      if (run?.spent) ticket = undefined
      endTail()
      erasing = ''
      if (options.consent) decided ??= [options.consent]
      run = new Run(settings(), ticket, shelfOf(options, host), host, tell)
      run.takeTurns(view.why.halfDuplex)
      if (view.why.takesTime !== null) run.takeTime(view.why.takesTime)
      const started = run.start()
      listen() // no key is down any more
      await started
    },
    type(text) {
      if (text.trim() !== '') run?.say({kind: 'type', text})
    },
    correct(field, value) {
      run?.say({kind: 'correct', field, value: JSON.parse(JSON.stringify(value) ?? 'null')})
    },
    async setMode(mode: Mode) {
      wanted = mode
      if (isTalk()) await run?.setMode(mode)
      else tell({kind: 'mode', mode})
    },
    mute(on) {
      tell({kind: 'mute', on})
      listen()
    },
    takeTurns(on) {
      tell({kind: 'half_duplex', on})
      run?.takeTurns(on)
    },
    pushToTalk(on) {
      endTail()
      tell({kind: 'push_to_talk', on})
      listen()
    },
    talk(on) {
      if (on === view.talking || !view.pushToTalk) return
      endTail()
      tell({kind: 'talk', on})
      if (!on) {
        tail = host.clock.after(TAIL_MS, () => {
          tail = null
          listen()
          run?.send({kind: 'done'})
        })
      }
      listen()
    },
    done() {
      if (view.screen === 'talk') run?.send({kind: 'done'})
    },
    takeTime(on) {
      tell({kind: 'takes_time', on})
      run?.takeTime(on)
    },
    consent(decision, shown) {
      if (!isOn()) {
        decided = shown ? [decision, shown] : [decision]
        return
      }
      tell({kind: 'consent', decision})
      run?.say({kind: 'consent', decision, textVersion: shown?.version ?? '', lang: shown?.lang ?? ''})
    },
    dismiss(code) {
      tell({kind: 'dismiss', code})
    },
    devices: () => host.voice.devices(),
    async useMicrophone(id) {
      microphone = id
      if (isTalk()) await run?.voice?.use(id)
    },
    async unlock() {
      await run?.voice?.unlock()
    },
    leave() {
      tell({kind: 'leave'})
      endTail()
      if (isOn()) run?.leave()
      else shelfOf(options, host).keep(null)
    },
    async erase() {
      const token = erasing
      if (token === '') return false
      const url = `${settings().server}/api/v1/erasures`
      const erased = await post(url, {token}, ({ok}) => ok, host.clock, host.ask)
      if (!erased) return false
      if (erasing !== token) return true // another call is on, or it was asked for twice
      erasing = ''
      tell({kind: 'erased'})
      call.leave()
      return true
    },
    levels: () => run?.voice?.levels ?? NO_SOUND,
    health: () => run?.health ?? {worker: null, audio: null, broken: []},
  }
  return call
}

/** Whether a call of this page with this agent was interrupted by a reload, and `start` would come back to it. */
export function resumable(options: CallOptions, host: Host = browserHost): boolean {
  check(options)
  return shelfOf(options, host).recall() !== null
}

function check({agent, ticket, server}: CallOptions): void {
  if (!agent && !ticket) throw new TypeError('want the name of an agent or a ticket, got neither')
  if (ticket !== undefined && !isTicket(ticket)) throw new TypeError('want a ticket as it was given, got another text')
  if (server !== undefined && !/^https?:\/\/[^/?#]+\/?$/.test(server)) {
    throw new TypeError('want an origin such as https://talk.example as server, got something else')
  }
}

function settingsOf(options: CallOptions, host: Host): Settings {
  const server = (options.server ?? host.origin).replace(/\/$/, '')
  const assets = (options.assets ?? `${server}/static/`).replace(/\/?$/, '/')
  return {...options, server, assets, lang: options.lang ?? host.lang}
}

function shelfOf(options: CallOptions, host: Host): Shelf {
  return new Shelf(settingsOf(options, host).server, options, host.storage, host.nowMs)
}
