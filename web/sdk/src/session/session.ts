// One call as the page sees it: what is shown, and what may be done. The work is done by a `Run`, one for each start.

import type {ViewEvent} from '../core/signals.ts'
import {initial, step, type View} from '../core/view.ts'
import {isTicket} from './booking.ts'
import {browserHost, type Host} from './host.ts'
import {Shelf} from './keeping.ts'
import type {CallOptions, Mode, VoiceCall} from './options.ts'
import {Run, type Settings} from './run.ts'

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
  let run: Run | null = null
  let ticket = options.ticket
  let microphone = options.microphone
  let decision = options.consent
  const isOn = () => run !== null && !run.over
  const isTalk = () => isOn() && !run?.ended

  const tell = (event: ViewEvent) => {
    const next = step(view, event)
    if (next === view) return
    view = next
    if (view.consent === 'ask' && decision !== undefined) {
      const decided = decision
      decision = undefined // told once in a call
      call.consent(decided)
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
      const settings = settingsOf({...options, mode: wanted, ...(microphone && {microphone})}, host)
      run = new Run(settings, ticket, host, tell)
      decision = options.consent
      run.mute(view.why.muted)
      run.takeTurns(view.why.halfDuplex)
      await run.start()
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
      run?.mute(on)
    },
    takeTurns(on) {
      tell({kind: 'half_duplex', on})
      run?.takeTurns(on)
    },
    consent(decision) {
      tell({kind: 'consent', decision})
      run?.say({kind: 'consent', decision, textVersion: ''})
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
      if (isOn()) run?.leave()
      else shelfOf(options, host).keep(null)
    },
    levels: () => run?.voice?.levels ?? {microphone: 0, agent: 0},
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
  const {server, agent} = settingsOf(options, host)
  return new Shelf(server, agent ?? '', host.storage, host.nowMs)
}
