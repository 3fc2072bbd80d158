// The scripted calls of calls/, played to line and view. The gateway plays the same ones (tests/calls).

import {readdirSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import type {Consent, Floor} from '../../src/core/protocol.ts'
import type {Loss, PageTrouble, Phase, SoundState, TalkMode} from '../../src/core/signals.ts'
import type {ConsentState, EchoState, MicrophoneState, Screen} from '../../src/core/view.ts'
import {CallerMachine, type Step} from './caller_machine.ts'

const FOLDER = fileURLToPath(new URL('../../../../calls/', import.meta.url))

type Script = {readonly story: string; readonly steps: readonly Step[]}

const scripts = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml') && name !== 'agent.yaml')
  .sort()
  .map((name) => [name, parse(readFileSync(FOLDER + name, 'utf8')) as Script] as const)

// Every value of every enumerated field; the types make the lists complete.
type All<T extends string> = {readonly [Value in T]: true}
const FIELDS = {
  phase: {
    idle: true,
    connecting: true,
    greeting: true,
    live: true,
    waiting: true,
    offline: true,
    replaced: true,
    ended: true,
    lost: true,
  } satisfies All<Phase>,
  loss: {
    unreachable: true,
    ticket_expired: true,
    call_gone: true,
    protocol: true,
    no_hello: true,
    busy: true,
    elsewhere: true,
    slow_peer: true,
    failed: true,
  } satisfies All<Loss>,
  screen: {
    start: true,
    connecting: true,
    talk: true,
    text: true,
    reconnecting: true,
    ended: true,
    problem: true,
  } satisfies All<Screen>,
  mode: {voice: true, text: true} satisfies All<TalkMode>,
  microphone: {
    off: true,
    asking: true,
    denied: true,
    blocked: true,
    missing: true,
    busy: true,
    constrained: true,
    lost: true,
    live: true,
    muted: true,
    silent: true,
  } satisfies All<MicrophoneState>,
  sound: {ok: true, suspended: true, failed: true} satisfies All<SoundState>,
  echo: {unknown: true, good: true, poor: true, half_duplex: true} satisfies All<EchoState>,
  turn: {open: true, caller: true, waiting: true, agent: true, held: true} satisfies All<Floor['turn']>,
  consent: {
    '': true,
    ask: true,
    always: true,
    never: true,
    given: true,
    refused: true,
    withdrawn: true,
  } satisfies All<ConsentState> & All<Consent['decision']>,
  trouble: {
    not_found: true,
    refused: true,
    busy: true,
    unreachable: true,
    load_failed: true,
    crashed: true,
  } satisfies All<PageTrouble>,
}

const reached = new Map<string, Set<string>>(Object.keys(FIELDS).map((field) => [field, new Set()]))

function watched(): CallerMachine {
  const machine = new CallerMachine()
  machine.changed = (line, view) => {
    const {screen, mode, microphone, sound, echo, consent, floor, why} = view
    const values = {
      phase: line.phase,
      loss: line.loss,
      screen,
      mode,
      microphone,
      sound,
      echo,
      consent,
      turn: floor.turn,
      trouble: why.trouble,
    }
    for (const [field, value] of Object.entries(values)) if (value !== null) reached.get(field)?.add(value)
  }
  machine.changed(machine.line, machine.view)
  return machine
}

describe('calls', () => {
  test.each(scripts)('%s', (_, script) => {
    const machine = watched()
    script.steps.forEach((step, at) => {
      try {
        machine.play(step)
      } catch (error) {
        throw new Error(`step ${at + 1}, ${JSON.stringify(step)}: ${error instanceof Error ? error.message : error}`)
      }
    })
  })

  test('reach every value of every enumerated field', () => {
    for (const [field, values] of Object.entries(FIELDS)) {
      const missing = Object.keys(values).filter((value) => !reached.get(field)?.has(value))
      expect(missing, `values of ${field} that no script reaches`).toEqual([])
    }
  })
})
