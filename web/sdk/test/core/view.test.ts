import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {Loss, PageTrouble, ViewEvent} from '../../src/core/signals.ts'
import {initial, step, type View} from '../../src/core/view.ts'
import {lossWords, microphoneWords, PROBLEMS, troubleWords} from '../../src/core/words.ts'

const after = (...events: readonly ViewEvent[]): View => events.reduce(step, initial)
const line = (phase: View['connection'], more: object = {}): ViewEvent => ({
  kind: 'line',
  phase,
  attempt: 1,
  retryInS: 0,
  begun: phase === 'live',
  loss: null,
  ...more,
})
const says = (message: object): ViewEvent => ({kind: 'gateway', text: JSON.stringify(message)})
const began: ViewEvent = {kind: 'began', mode: 'voice'}

test('an event that changes nothing gives the same object', () => {
  const view = after(began, line('live'))
  for (const event of [
    {kind: 'heard', reply: 1, samples: 100},
    {kind: 'audible', reply: 0},
    {kind: 'sound', state: 'ok'},
    {kind: 'mode', mode: 'voice'},
    {kind: 'keep', keepsake: null},
    {kind: 'gateway', text: 'rubbish'},
    {kind: 'gateway', text: '{"kind":"gate","open":true,"level":0.1}'},
    began,
  ] satisfies ViewEvent[]) {
    expect(step(view, event), event.kind).toBe(view)
  }
})

test('another call begins with an empty screen and the devices as they were', () => {
  const over = after(
    began,
    {kind: 'microphone', state: 'live'},
    {kind: 'sound', state: 'suspended'},
    {kind: 'mute', on: true},
    line('live'),
    says({kind: 'caption', who: 'ann', turn: 1, text: 'Hello.'}),
    says({kind: 'ended', reason: 'agent_ended', text: 'The talk is over. Thank you.'}),
    line('ended'),
  )
  expect(over).toMatchObject({screen: 'ended', ended: {reason: 'agent_ended', text: 'The talk is over. Thank you.'}})
  const another = step(over, {kind: 'began', mode: 'text'})
  expect(another).toMatchObject({screen: 'connecting', mode: 'text', captions: [], ended: null})
  expect(another).toMatchObject({sound: 'suspended', microphone: 'muted'})
})

test('who leaves sees how it ended, whatever comes behind', () => {
  const view = after(began, line('live'), {kind: 'leave'}, line('ended'))
  expect(view).toMatchObject({screen: 'ended', ended: {reason: 'caller_hung_up'}, problems: []})
  expect(step(initial, {kind: 'leave'})).toBe(initial)
})

test('a worker that takes the place of another comes back to the call, it begins none', () => {
  expect(after(began, line('live'), line('connecting', {begun: false})).screen).toBe('reconnecting')
  expect(after(began, line('live'), {kind: 'leave'}, began, line('connecting', {begun: false})).screen).toBe(
    'connecting',
  )
})

test('who has decided about recording before the welcome is not asked', () => {
  const asked = says({kind: 'welcome', call: 'c', consent: 'ask'})
  const decided: ViewEvent = {kind: 'consent', decision: 'refused'}
  expect(after(began, decided, asked).consent).toBe('refused')
  expect(after(began, decided, says({kind: 'welcome', call: 'c', consent: 'never'})).consent).toBe('never')
})

test('a notice that is not true any more is gone', () => {
  const text = says({kind: 'notice', code: 'text_only', text: 'Voice is off.'})
  const voice = says({kind: 'notice', code: 'voice_again', text: 'Voice is back.'})
  const codes = (...events: readonly ViewEvent[]) => after(began, ...events).notices.map(({code}) => code)
  expect(codes(text, voice)).toEqual(['voice_again'])
  expect(codes(text, voice, text)).toEqual(['text_only'])
})

test('nothing sounds in a call that was left', () => {
  expect(after(began, line('live'), {kind: 'audible', reply: 3}, {kind: 'leave'}).audible).toBe(0)
})

test('a decision about recording outlives a return, and is asked for anew in another call', () => {
  const asked = says({kind: 'welcome', call: 'c', consent: 'ask'})
  const given = after(began, line('live'), asked, {kind: 'consent', decision: 'given'})
  const back = step(given, says({kind: 'welcome', call: 'c', consent: 'ask', returned: true}))
  expect(back.consent).toBe('given')
  expect([{kind: 'leave'} as const, began, asked].reduce(step, back).consent).toBe('ask')
})

test('another microphone is not taken for the silent one before it', () => {
  const silent = after(began, {kind: 'microphone', state: 'live'}, line('live'), {kind: 'silent', on: true})
  expect(silent.microphone).toBe('silent')
  const other = [{kind: 'microphone', state: 'lost'} as const, {kind: 'microphone', state: 'live'} as const]
  expect(other.reduce(step, silent).microphone).toBe('live')
})

test('the most pressing problem comes first', () => {
  const view = after(
    began,
    line('live'),
    {kind: 'microphone', state: 'lost'},
    {kind: 'sound', state: 'suspended'},
    line('offline', {begun: true}),
  )
  expect(view.problems.map(({code}) => code)).toEqual(['offline', 'microphone_lost', 'sound_suspended'])
})

test('a problem that was closed is shown again when it comes again', () => {
  const poor: ViewEvent = {kind: 'echo', state: 'poor'}
  const closed = after(began, line('live'), poor, {kind: 'dismiss', code: 'echo_poor'})
  expect(closed.problems).toEqual([])
  expect(step(closed, poor).problems).toEqual([])
  const again = [{kind: 'echo', state: 'good'} as const, poor].reduce(step, closed)
  expect(again.problems).toMatchObject([{code: 'echo_poor'}])
})

test('what is shown is bounded', () => {
  let view = after(began, line('live'))
  for (let turn = 0; turn < 1200; turn++) {
    view = step(view, says({kind: 'caption', who: 'ann', turn, text: '.'}))
    view = step(view, says({kind: 'show', what: 'text', data: turn}))
    view = step(view, says({kind: 'notice', code: `n${turn}`, text: '.'}))
  }
  expect([view.captions.length, view.shown.length, view.notices.length]).toEqual([1000, 100, 8])
  expect(view.captions.at(-1)?.turn).toBe(1199)
})

test('what is shown again to who comes back is not shown twice', () => {
  const table = says({kind: 'show', what: 'table', data: [[1, 2]]})
  const view = after(began, table)
  expect(step(view, table)).toBe(view)
  expect(step(view, says({kind: 'show', what: 'table', data: [[1, 3]]})).shown).toHaveLength(2)
})

test('a fact of any name is kept under it', () => {
  const view = after(began, says({kind: 'fact', field: '__proto__', state: 'answered', value: 7}))
  expect(Object.hasOwn(view.facts, '__proto__') || Object.keys(view.facts).length === 0).toBe(true)
  expect(({} as {state?: string}).state).toBeUndefined()
})

test('every problem has words that say what and a code of its own', () => {
  const losses: Loss[] = [
    'unreachable',
    'ticket_expired',
    'call_gone',
    'protocol',
    'no_hello',
    'busy',
    'slow_peer',
    'failed',
  ]
  const troubles: PageTrouble[] = ['not_found', 'refused', 'load_failed', 'crashed']
  const problems = [...losses.map(lossWords), ...troubles.map(troubleWords), ...Object.values(PROBLEMS)]
  for (const {code, text} of problems) {
    expect(code).toMatch(/^[a-z_]+$/)
    expect(text).toMatch(/^[A-Z].*[.?]$/)
  }
  expect(new Set(problems.map(({code}) => code)).size).toBe(problems.length)
  expect(microphoneWords({state: 'asking'})).toBeNull()
})

test('anything in any order: a screen that cannot go on says why', () => {
  const phase = fc.constantFrom(
    'idle',
    'connecting',
    'greeting',
    'live',
    'waiting',
    'offline',
    'replaced',
    'ended',
    'lost',
  )
  const event = fc.oneof(
    fc.constant(began),
    fc.record({
      kind: fc.constant('line'),
      phase,
      attempt: fc.nat(5),
      retryInS: fc.constant(1),
      begun: fc.boolean(),
      loss: fc.constant(null),
    }),
    fc.constant({kind: 'line', phase: 'lost', attempt: 1, retryInS: 0, begun: true, loss: 'failed'}),
    fc.record({kind: fc.constant('gateway'), text: fc.oneof(fc.string(), fc.json())}),
    fc.record({kind: fc.constant('microphone'), state: fc.constantFrom('off', 'asking', 'live', 'missing', 'lost')}),
    fc.record({kind: fc.constant('sound'), state: fc.constantFrom('ok', 'suspended', 'failed')}),
    fc.record({kind: fc.constant('echo'), state: fc.constantFrom('good', 'poor', 'raw')}),
    fc.record({kind: fc.constantFrom('silent', 'mute', 'half_duplex'), on: fc.boolean()}),
    fc.record({kind: fc.constant('trouble'), trouble: fc.constantFrom('busy', 'crashed')}),
    fc.record({kind: fc.constant('mode'), mode: fc.constantFrom('voice', 'text')}),
    fc.record({kind: fc.constant('dismiss'), code: fc.constantFrom('crashed', 'failed', 'offline', 'echo_poor')}),
    fc.constant({kind: 'leave'}),
  ) as fc.Arbitrary<ViewEvent>
  fc.assert(
    fc.property(fc.array(event, {maxLength: 40}), (events) => {
      const view = after(...events)
      // a line that is lost always says why
      const isKnown = view.connection !== 'lost' || view.why.loss !== null
      if (view.screen === 'problem' && isKnown) expect(view.problems.length).toBeGreaterThan(0)
      if (view.screen === 'ended') expect(view.ended !== null || view.problems.length > 0).toBe(true)
      if (view.screen === 'start') expect(view.problems).toEqual([])
    }),
    {numRuns: 1000},
  )
})
