import fc from 'fast-check'
import {expect, test} from 'vitest'
import {decodeGateway} from '../../src/core/messages.ts'
import type {Loss, PageTrouble, Said, ViewEvent} from '../../src/core/signals.ts'
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
  moved: null,
  ...more,
})
/** What the gateway says, as the worker passes it on. */
const says = (message: object): ViewEvent => {
  const said = decodeGateway(JSON.stringify(message))
  if (said === null) throw new Error(`want a message of the gateway, got ${JSON.stringify(message)}`)
  return {kind: 'gateway', message: said as Said}
}
const began: ViewEvent = {kind: 'began', mode: 'voice'}

test('an event that changes nothing gives the same object', () => {
  const view = after(began, line('live'))
  for (const event of [
    {kind: 'heard', reply: 1, samples: 100},
    {kind: 'audible', reply: 0},
    {kind: 'sound', state: 'ok'},
    {kind: 'mode', mode: 'voice'},
    {kind: 'keep', keepsake: null},
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

test('push-to-talk is chosen for good; its key is up whenever a call begins', () => {
  expect(step(initial, {kind: 'talk', on: true})).toBe(initial)
  const down = after({kind: 'push_to_talk', on: true}, began, line('live'), {kind: 'talk', on: true})
  expect(down).toMatchObject({pushToTalk: true, talking: true})
  expect(step(down, {kind: 'talk', on: true})).toBe(down)
  expect(step(down, {kind: 'push_to_talk', on: true})).toBe(down)
  expect(step(down, {kind: 'push_to_talk', on: false})).toMatchObject({pushToTalk: false, talking: false})
  const another = [{kind: 'leave'} as const, began].reduce(step, down)
  expect(another).toMatchObject({pushToTalk: true, talking: false})
})

test("how long pauses may be is the agent's own until the caller chooses, and what they chose stays", () => {
  const welcome = (pace: string) => says({kind: 'welcome', call: 'c', pace})
  expect(after(began, welcome('')).takesTime).toBeNull()
  expect(after(began, welcome('interview')).takesTime).toBe(true)
  expect(after(began, welcome('casual')).takesTime).toBe(false)
  const chosen = after(began, {kind: 'takes_time', on: true}, welcome('casual'))
  expect(chosen.takesTime).toBe(true)
  expect([{kind: 'leave'} as const, began].reduce(step, chosen).takesTime).toBe(true)
  // of another agent nothing is known yet
  expect(after(began, welcome('casual'), {kind: 'leave'}, began).takesTime).toBeNull()
})

test('a call that was erased leaves no word on the screen, and no token ever comes there', () => {
  const view = after(
    began,
    line('live'),
    {kind: 'erasable', token: 'secret-e1'},
    says({kind: 'caption', who: 'caller', turn: 1, text: 'Words.'}),
    says({kind: 'fact', field: 'price', state: 'answered', value: 'Words.'}),
    says({kind: 'show', what: 'text', data: 'Words.'}),
    says({kind: 'notice', code: 'n', text: 'Words.'}),
  )
  expect(view.mayErase).toBe(true)
  expect(JSON.stringify(view)).not.toContain('secret')
  const erased = step(view, {kind: 'erased'})
  expect(erased).toMatchObject({screen: 'ended', ended: {reason: 'erased'}, mayErase: false})
  expect(JSON.stringify(erased)).not.toContain('Words.')
  const elsewhere = step(view, says({kind: 'ended', reason: 'erased', text: 'Erased.'}))
  expect(elsewhere).toMatchObject({
    ended: {reason: 'erased', text: 'Erased.'},
    captions: [],
    facts: {},
    mayErase: false,
  })
  expect(step(view, {kind: 'erasable', token: ''}).mayErase).toBe(false)
  expect([{kind: 'leave'} as const, began].reduce(step, view).mayErase).toBe(false)
})

test('a trouble with the microphone says whose doing it is', () => {
  const by = (found: Parameters<typeof microphoneWords>[0]) => microphoneWords(found)?.by
  expect(by({state: 'denied', by: 'system'})).toBe('system')
  expect(by({state: 'blocked', by: 'sandbox'})).toBe('sandbox')
  expect(by({state: 'busy', by: 'page'})).toBe('page')
  expect(by({state: 'missing'})).toBe('')
  expect(lossWords('failed').by).toBe('')
})

test('a notice that is not true any more is gone', () => {
  const text = says({kind: 'notice', code: 'text_only', text: 'Voice is off.'})
  const voice = says({kind: 'notice', code: 'voice_again', text: 'Voice is back.'})
  const codes = (...events: readonly ViewEvent[]) => after(began, ...events).notices.map(({code}) => code)
  expect(codes(text, voice)).toEqual(['voice_again'])
  expect(codes(text, voice, text)).toEqual(['text_only'])
  const lost = says({kind: 'notice', code: 'voice_lost', text: 'The line is lost.'})
  const back = says({kind: 'notice', code: 'line_again', text: 'The line is back.'})
  expect(codes(lost, back)).toEqual(['line_again'])
  expect(codes(lost, back, lost)).toEqual(['voice_lost'])
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

test('the fact that changed last stands last', () => {
  const noted = (field: string, value: number) => says({kind: 'fact', field, state: 'answered', value})
  const view = after(began, noted('price', 7), noted('churn', 3), noted('price', 9))
  expect(Object.entries(view.facts).map(([field, {value}]) => [field, value])).toEqual([
    ['churn', 3],
    ['price', 9],
  ])
})

test('every problem has words that say what and a code of its own', () => {
  const losses: Loss[] = [
    'unreachable',
    'ticket_expired',
    'call_gone',
    'protocol',
    'no_hello',
    'busy',
    'elsewhere',
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
    fc
      .constantFrom(
        {kind: 'welcome', call: 'c', consent: 'ask'},
        {kind: 'ended', reason: 'agent_ended'},
        {kind: 'caption', who: 'ann', turn: 1, text: 'Hello.'},
        {kind: 'notice', code: 'text_only', text: 'Voice is off.'},
        {kind: 'floor', turn: 'agent', holder: 'ann'},
      )
      .map(says),
    fc.record({kind: fc.constant('microphone'), state: fc.constantFrom('off', 'asking', 'live', 'missing', 'lost')}),
    fc.record({kind: fc.constant('sound'), state: fc.constantFrom('ok', 'suspended', 'failed')}),
    fc.record({kind: fc.constant('echo'), state: fc.constantFrom('good', 'poor', 'raw')}),
    fc.record({
      kind: fc.constantFrom('silent', 'mute', 'half_duplex', 'push_to_talk', 'talk', 'takes_time'),
      on: fc.boolean(),
    }),
    fc.record({kind: fc.constant('trouble'), trouble: fc.constantFrom('busy', 'crashed')}),
    fc.record({kind: fc.constant('mode'), mode: fc.constantFrom('voice', 'text')}),
    fc.record({kind: fc.constant('dismiss'), code: fc.constantFrom('crashed', 'failed', 'offline', 'echo_poor')}),
    fc.constantFrom({kind: 'leave'}, {kind: 'erased'}, {kind: 'erasable', token: 'e'}),
  ) as fc.Arbitrary<ViewEvent>
  fc.assert(
    fc.property(fc.array(event, {maxLength: 40}), (events) => {
      const view = after(...events)
      // a line that is lost always says why
      const isKnown = view.connection !== 'lost' || view.why.loss !== null
      if (view.screen === 'problem' && isKnown) expect(view.problems.length).toBeGreaterThan(0)
      if (view.screen === 'ended') expect(view.ended !== null || view.problems.length > 0).toBe(true)
      if (view.screen === 'start') expect(view.problems).toEqual([])
      if (view.talking) expect(view.pushToTalk).toBe(true)
    }),
    {numRuns: 1000},
  )
})
