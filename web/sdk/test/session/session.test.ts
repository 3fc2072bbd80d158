import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {CallOptions, VoiceCall} from '../../src/session/options.ts'
import {createCall, resumable} from '../../src/session/session.ts'
import {FakeBrowser, LIVE} from './browser.ts'
import {settled} from './time.ts'

const OPTIONS: CallOptions = {agent: 'founder'}
const WELCOME = {kind: 'welcome', call: '0f', resume: 'R1', consent: 'ask'}
const KEEPSAKE = {call: '0f', resume: 'R1', reply: 0, samples: 0}
const NOTHING = {microphones: 0, contexts: 0, outputs: 0}
const SILENCE = {microphone: 0, agent: 0, bands: [0, 0, 0]}

let browser: FakeBrowser
let call: VoiceCall
const unheard: unknown[] = []
const keepUnheard = (reason: unknown) => void unheard.push(reason)

beforeEach(() => {
  browser = new FakeBrowser()
  call = createCall(OPTIONS, browser.host)
  process.on('unhandledRejection', keepUnheard)
})

afterEach(async () => {
  await new Promise(setImmediate) // node tells of rejections that nobody handles once all else is done
  process.off('unhandledRejection', keepUnheard)
  expect(unheard.splice(0)).toEqual([])
})

async function talk(): Promise<void> {
  await call.start()
  const worker = browser.newest
  worker.line('connecting')
  worker.line('live')
  worker.passes(WELCOME)
  worker.says({kind: 'keep', keepsake: KEEPSAKE})
}

/** The page holds nothing of the browser any more. */
function expectNothingHeld(): void {
  expect(browser.open).toEqual(NOTHING)
  expect(browser.watching).toBe(0)
  expect(browser.workers.map(({terminated}) => terminated)).not.toContain(false)
  expect(browser.clock.waiting).toBe(0)
}

describe('before the start', () => {
  test('nothing is asked, stored or listened to', () => {
    expect(call.view.screen).toBe('start')
    call.type('hello')
    call.correct('price', 3)
    call.mute(true)
    call.leave()
    expect(call.levels()).toEqual(SILENCE)
    expect(browser.requests).toEqual([])
    expect(browser.workers).toEqual([])
    expect(browser.storage.items.size).toBe(0)
    expectNothingHeld()
  })

  test.each<[string, CallOptions]>([
    ['neither agent nor ticket', {}],
    ['a ticket that is none', {ticket: 'two words'}],
    ['a server that is no origin', {agent: 'a', server: 'https://talk.example/path'}],
    ['a server of another scheme', {agent: 'a', server: 'ftp://talk.example'}],
  ])('%s is refused at once', (_, options) => {
    expect(() => createCall(options, browser.host)).toThrow(TypeError)
  })
})

test('begins in order: microphone and worker, booking, ports, ticket, start', async () => {
  browser.permission = null
  const started = call.start()
  await settled()
  expect(call.view).toMatchObject({screen: 'connecting', microphone: 'asking'})
  expect(browser.workers).toHaveLength(1)
  expect(browser.requests).toEqual([]) // a ticket would grow old while the person thinks
  browser.answers(LIVE)
  await started
  expect(browser.requests).toEqual(['https://talk.example/api/v1/calls {"agent":"founder"}'])
  expect(browser.newest.told).toEqual(['booked', 'connect', 'start'])
  expect(browser.newest.posted[1]?.ports).toBe(2)
  expect(browser.newest.the('start')).toEqual({
    kind: 'start',
    chance: 0.5,
    hello: {mode: 'voice', echo_cancelled: true, lang: 'de-AT', client: 'viva-web worker=file audio=file'},
  })
  expect(browser.node('viva-capture').port.posted.map(({kind}) => kind)).toEqual(['connect', 'renew'])
  expect(browser.open).toEqual({microphones: 1, contexts: 1, outputs: 1})
  browser.newest.line('live')
  expect(call.view.screen).toBe('talk')
})

test('a ready ticket is used once; a later call is booked', async () => {
  call = createCall({...OPTIONS, ticket: 'T0'}, browser.host)
  await call.start()
  expect(browser.requests).toEqual([])
  expect(browser.newest.the('booked')).toMatchObject({ticket: 'T0', url: 'wss://talk.example/api/v1/talk'})
  call.leave()
  await call.start()
  expect(browser.requests).toHaveLength(1)
  expect(browser.newest.the('booked')).toMatchObject({ticket: 'T', expiresInS: 60})
})

test('a ready ticket that was not used yet is there for another try; without agent there is no third', async () => {
  call = createCall({ticket: 'T0'}, browser.host)
  browser.starting = 'refused'
  await call.start()
  expect(call.view.screen).toBe('problem')
  browser.starting = 'ready'
  await call.start()
  expect(browser.newest.the('booked')).toMatchObject({ticket: 'T0'})
  call.leave()
  await call.start()
  expect(call.view.why.trouble).toBe('refused')
  expect(browser.requests).toEqual([])
})

test('what the caller does goes to the worker and into the view', async () => {
  await talk()
  call.type('hello')
  call.type('   ')
  call.correct('price', 3)
  call.mute(true)
  call.consent('refused')
  expect(browser.newest.posted.slice(3).map(({message}) => message)).toEqual([
    {kind: 'type', text: 'hello'},
    {kind: 'correct', field: 'price', value: 3},
    {kind: 'mute', on: true},
    {kind: 'consent', decision: 'refused', textVersion: '', lang: ''},
  ])
  expect(call.view).toMatchObject({microphone: 'muted', consent: 'refused'})
})

test('a page that has asked about recording already is not asked again', async () => {
  call = createCall({...OPTIONS, consent: 'given'}, browser.host)
  await talk()
  expect(call.view.consent).toBe('given')
  expect(browser.newest.told.filter((kind) => kind === 'consent')).toHaveLength(1)
  browser.newest.passes({...WELCOME, returned: true})
  expect(browser.newest.told.filter((kind) => kind === 'consent')).toHaveLength(1)
  call.leave()
  await talk()
  expect(browser.newest.told.filter((kind) => kind === 'consent')).toHaveLength(1)
})

test('what is said before the worker is there waits for it', async () => {
  const started = call.start()
  call.type('early')
  call.correct('price', 3)
  call.mute(true)
  await started
  expect(browser.newest.told).toEqual(['booked', 'mute', 'connect', 'start', 'type', 'correct'])
})

test('who mutes before the start is muted from the first sample on', async () => {
  call.mute(true)
  await talk()
  expect(browser.newest.told).toEqual(['booked', 'mute', 'connect', 'start'])
  expect(call.view.microphone).toBe('muted')
})

test('who takes turns is not heard over the agent from the first sample on', async () => {
  call.takeTurns(true)
  await talk()
  expect(browser.newest.told).toEqual(['booked', 'half_duplex', 'connect', 'start'])
  expect(call.view.echo).toBe('half_duplex')
  call.takeTurns(false)
  expect(browser.newest.told.at(-1)).toBe('half_duplex')
  expect(call.view.echo).toBe('unknown')
})

test('a value that cannot be sent harms the page that sets it, not the call', async () => {
  const started = call.start()
  expect(() => call.correct('price', 3n)).toThrow(TypeError)
  call.correct('price', () => {})
  await started
  expect(browser.newest.the('correct')).toEqual({kind: 'correct', field: 'price', value: null})
})

test('levels come from the meters', async () => {
  await talk()
  const [agent, microphone] = browser.nodes.filter(({name}) => name === 'viva-meter')
  agent?.port.onmessage?.({data: [0.5, 0.1, 0.2, 0.3]} as MessageEvent)
  microphone?.port.onmessage?.({data: 0.25} as MessageEvent)
  microphone?.port.onmessage?.({data: 'loud'} as MessageEvent)
  expect(call.levels()).toEqual({microphone: 0.25, agent: 0.5, bands: [0.1, 0.2, 0.3]})
})

test('a face moves when its voice is heard, not before: headphones without a cable are late', async () => {
  browser.outputLatency = 0.2
  await talk()
  const [agent, microphone] = browser.nodes.filter(({name}) => name === 'viva-meter')
  agent?.port.onmessage?.({data: [0.5, 0.1, 0.2, 0.3]} as MessageEvent)
  microphone?.port.onmessage?.({data: 0.25} as MessageEvent)
  browser.clock.turn(0.19)
  expect(call.levels()).toEqual({...SILENCE, microphone: 0.25})
  browser.clock.turn(0.01)
  expect(call.levels()).toEqual({microphone: 0.25, agent: 0.5, bands: [0.1, 0.2, 0.3]})
  agent?.port.onmessage?.({data: [0.7, 0.1, 0.2, 0.3]} as MessageEvent)
  call.leave()
  browser.clock.turn(1)
  expect(call.levels()).toEqual(SILENCE)
})

test('a listener that throws harms neither the call nor the others', async () => {
  const seen: string[] = []
  call.subscribe(() => {
    throw new Error('of the page')
  })
  const stop = call.subscribe((view) => seen.push(view.screen))
  await call.start()
  browser.newest.line('live')
  expect(seen.at(-1)).toBe('talk')
  stop()
  const before = seen.length
  browser.newest.line('waiting')
  expect(seen).toHaveLength(before)
  expect(() => browser.clock.turn(1)).toThrow('of the page') // in the page's console, not here
  call.leave()
})

describe('what fails in the beginning', () => {
  test.each([
    [{kind: 'denied', by: 'user'}],
    [{kind: 'blocked', by: 'policy'}],
    [{kind: 'missing'}],
    [{kind: 'busy', by: 'page'}],
    [{kind: 'constrained'}],
  ] as const)('a microphone that is %o leaves a call by text, with words', async (state) => {
    browser.permission = state
    await talk()
    expect(browser.newest.told).toEqual(['booked', 'start'])
    expect(browser.newest.the('start')).toMatchObject({hello: {mode: 'text', echo_cancelled: false}})
    expect(call.view).toMatchObject({screen: 'text', mode: 'text', microphone: state.kind})
    expect(call.view.problems[0]?.text).toBeTruthy()
    expect(browser.open).toEqual(NOTHING)
  })

  test('no Web Audio: text', async () => {
    browser.hasWebAudio = false
    await talk()
    expect(call.view).toMatchObject({screen: 'text', mode: 'text'})
    expect(browser.open).toEqual(NOTHING)
  })

  test('worklets that cannot be loaded: text, and why is kept', async () => {
    browser.addModule = async () => {
      throw new DOMException('forbidden', 'AbortError')
    }
    await talk()
    expect(call.view).toMatchObject({screen: 'text', mode: 'text'})
    expect(browser.open).toEqual(NOTHING)
    expect(call.health().broken[0]).toContain('file: forbidden')
  })

  test('filters that cannot be loaded: the talk goes on without them, and why is kept', async () => {
    call = createCall({...OPTIONS, filter: 'light'}, browser.host)
    await talk()
    expect(call.view).toMatchObject({screen: 'talk', mode: 'voice'})
    browser.becomes({kind: 'lost'})
    browser.becomes(LIVE)
    await settled()
    expect(call.health().broken).toEqual(['filter_failed'])
  })

  test('leave for the microphone is taken back while the worklets are loaded: text', async () => {
    let loaded = () => {}
    browser.addModule = () =>
      new Promise((resolve) => {
        loaded = resolve
      })
    const started = call.start()
    await settled()
    browser.becomes({kind: 'lost'})
    browser.becomes({kind: 'denied', by: 'user'})
    loaded()
    await started
    expect(call.view).toMatchObject({mode: 'text', microphone: 'denied'})
    expect(browser.newest.the('start')).toMatchObject({hello: {mode: 'text'}})
  })

  test('a microphone that does not fit the context: text', async () => {
    browser.host.voice.source = () => {
      throw new DOMException('another sample rate', 'NotSupportedError')
    }
    await talk()
    expect(call.view).toMatchObject({screen: 'text', mode: 'text'})
    expect(browser.open).toEqual(NOTHING)
  })

  test('no worker in any way: a problem with words, and nothing is held', async () => {
    browser.starting = 'refused'
    await call.start()
    expect(call.view.screen).toBe('problem')
    expect(call.view.problems[0]).toMatchObject({code: 'load_failed'})
    expectNothingHeld()
  })

  test('no worker, while the person still thinks about the microphone', async () => {
    browser.permission = null
    browser.starting = 'refused'
    const started = call.start()
    await new Promise(setImmediate)
    expect(call.view).toMatchObject({screen: 'connecting', microphone: 'asking'})
    browser.answers(LIVE)
    await started
    expect(call.view.why.trouble).toBe('load_failed')
    expectNothingHeld()
  })

  test.each([
    [401, 'refused'],
    [403, 'refused'],
    [404, 'not_found'],
    [429, 'busy'],
    [503, 'busy'],
    [500, 'unreachable'],
  ])('a booking that is answered %i: %s, with words, and nothing is held', async (status, trouble) => {
    browser.answer = () => new Response('{}', {status})
    await call.start()
    expect(call.view.screen).toBe('problem')
    expect(call.view.why.trouble).toBe(trouble)
    expect(call.view.problems[0]?.text).toBeTruthy()
    expectNothingHeld()
  })

  test('a microphone that was busy in one call is asked for again in the next', async () => {
    browser.permission = {kind: 'busy', by: 'system'}
    await talk()
    expect(call.view.mode).toBe('text')
    call.leave()
    browser.permission = LIVE
    await talk()
    expect(call.view).toMatchObject({screen: 'talk', mode: 'voice', microphone: 'live', problems: []})
    call.leave()
    await call.setMode('text')
    await talk()
    expect(call.view).toMatchObject({screen: 'text', mode: 'text'})
  })

  test('after a failure it can be started again', async () => {
    browser.answer = () => new Response('{}', {status: 503})
    await call.start()
    browser.answer = new FakeBrowser().answer
    await talk()
    expect(call.view).toMatchObject({screen: 'talk', problems: []})
  })
})

describe('leaving', () => {
  const never = () => new Promise<never>(() => {})

  test.each<[string, () => void]>([
    [
      'the microphone is asked for',
      () => {
        browser.permission = null
      },
    ],
    [
      'the worklets are loaded',
      () => {
        browser.addModule = never
      },
    ],
    [
      'the worker is started',
      () => {
        browser.starting = 'silent'
      },
    ],
    [
      'the call is booked',
      () => {
        browser.answer = never
      },
    ],
  ])('while %s ends the start and releases everything', async (_, arrange) => {
    arrange()
    const started = call.start()
    await settled()
    call.leave()
    await started
    await settled()
    browser.answers(LIVE) // too late
    await settled()
    browser.clock.turn(11) // a worker and a request are not waited for any longer
    await settled()
    expectNothingHeld()
    expect(call.view.screen).toBe('ended')
    expect(browser.storage.items.size).toBe(0)
  })

  test('tells the server, and releases everything at once but the worker, which gets three seconds for it', async () => {
    await talk()
    call.leave()
    call.leave()
    expect(browser.open).toEqual(NOTHING)
    expect(browser.watching).toBe(0)
    expect(browser.storage.items.size).toBe(0)
    expect(browser.newest.told.filter((kind) => kind === 'leave')).toHaveLength(1)
    browser.clock.turn(2.9)
    expect(browser.newest.terminated).toBe(false)
    browser.clock.turn(0.1)
    expectNothingHeld()
    browser.window.dispatchEvent(new Event('offline'))
    expect(browser.newest.told.at(-1)).toBe('leave')
    expect(call.view.screen).toBe('ended')
  })

  test('shows nothing as on that was given back', async () => {
    await talk()
    browser.sounds('suspended')
    browser.newest.says({kind: 'audible', reply: 2})
    browser.nodes.find(({name}) => name === 'viva-meter')?.port.onmessage?.({data: 0.5} as MessageEvent)
    call.leave()
    expect(call.view).toMatchObject({microphone: 'off', sound: 'ok', audible: 0})
    expect(call.levels()).toEqual(SILENCE)
  })

  test('two calls in a row: the second is as new', async () => {
    await talk()
    browser.newest.passes({kind: 'caption', who: 'caller', turn: 1, text: 'one', final: true})
    expect(call.view.captions).toHaveLength(1)
    call.leave()
    await talk()
    expect(browser.workers).toHaveLength(2)
    expect(call.view).toMatchObject({screen: 'talk', captions: []})
    expect(browser.open).toEqual({microphones: 1, contexts: 1, outputs: 1})
  })

  test('a start while the call is on changes nothing', async () => {
    await talk()
    await call.start()
    expect(browser.workers).toHaveLength(1)
  })
})

describe('the end', () => {
  test('the microphone is given back at once, the last words are heard', async () => {
    await talk()
    browser.newest.says({kind: 'audible', reply: 4})
    browser.newest.passes({kind: 'ended', reason: 'done', text: 'Thank you.'})
    browser.newest.line('ended')
    expect(browser.open).toEqual({microphones: 0, contexts: 1, outputs: 1})
    browser.newest.says({kind: 'audible', reply: 0})
    expectNothingHeld()
    expect(call.view).toMatchObject({screen: 'ended', ended: {text: 'Thank you.'}})
  })

  test('no microphone is opened behind it, whatever the page does', async () => {
    await talk()
    browser.newest.says({kind: 'audible', reply: 4})
    browser.newest.line('ended')
    for (const words of ['last words', 'nothing']) {
      await call.useMicrophone('other')
      await call.setMode('text')
      await call.setMode('voice')
      expect(browser.used, words).toEqual([])
      expect(browser.open.microphones, words).toBe(0)
      call.leave()
    }
    expect(browser.workers.at(-1)?.told).not.toContain('mode')
  })

  test('last words that never end are not waited for', async () => {
    await talk()
    browser.newest.says({kind: 'audible', reply: 4})
    browser.newest.line('ended')
    browser.clock.turn(5)
    expectNothingHeld()
  })

  test('another call may begin while the last words are heard; they end then', async () => {
    await talk()
    browser.newest.says({kind: 'audible', reply: 4})
    browser.newest.line('ended')
    await talk()
    expect(browser.workers).toHaveLength(2)
    expect(browser.open).toEqual({microphones: 1, contexts: 1, outputs: 1})
    browser.clock.turn(5)
    expect(browser.workers.map(({terminated}) => terminated)).toEqual([true, false])
    expect(call.view.screen).toBe('talk')
  })

  test.each(['ended', 'lost', 'replaced'])('a line that is %s holds nothing', async (phase) => {
    await talk()
    browser.newest.says({kind: 'keep', keepsake: null})
    browser.newest.line(phase, {loss: phase === 'lost' ? 'unreachable' : null})
    expectNothingHeld()
    expect(browser.storage.items.size).toBe(0)
    expect(['ended', 'problem']).toContain(call.view.screen)
  })
})

describe('voice and text', () => {
  test('to text: everything of the sound is released before the gateway hears of it', async () => {
    await talk()
    await call.setMode('text')
    expect(browser.open).toEqual(NOTHING)
    expect(browser.newest.told.slice(3)).toEqual(['mode', 'disconnect'])
    expect(call.view).toMatchObject({screen: 'text', mode: 'text', microphone: 'off'})
  })

  test('to text: what sounded does no more', async () => {
    await talk()
    browser.newest.says({kind: 'audible', reply: 2})
    await call.setMode('text')
    expect(call.view.audible).toBe(0)
    browser.newest.line('ended')
    expectNothingHeld() // no last words to be waited for
  })

  test('and back, in a gesture', async () => {
    await talk()
    await call.setMode('text')
    await call.setMode('voice')
    expect(browser.open).toEqual({microphones: 1, contexts: 1, outputs: 1})
    expect(browser.newest.told.slice(5)).toEqual(['connect', 'mode'])
    expect(call.view).toMatchObject({screen: 'talk', mode: 'voice', microphone: 'live'})
  })

  test('voice that is refused at run time leaves text, with its reason', async () => {
    call = createCall({...OPTIONS, mode: 'text'}, browser.host)
    await talk()
    expect(browser.open).toEqual(NOTHING)
    browser.permission = {kind: 'denied', by: 'user'}
    await call.setMode('voice')
    expect(call.view).toMatchObject({screen: 'text', mode: 'text', microphone: 'denied'})
    expect(call.view.problems[0]?.action).toBeTruthy()
  })

  test('text is chosen while the microphone is asked for', async () => {
    browser.permission = null
    const started = call.start()
    await settled()
    await call.setMode('text')
    await started
    expect(browser.newest.the('start')).toMatchObject({hello: {mode: 'text'}})
    browser.answers(LIVE)
    await settled()
    expect(browser.open).toEqual(NOTHING)
  })

  test('there and back while the microphone is asked for ends in the mode that was chosen last', async () => {
    await talk()
    browser.permission = null
    await call.setMode('text')
    const voice = call.setMode('voice')
    await call.setMode('text')
    await voice
    browser.answers(LIVE)
    await settled()
    expect(browser.open).toEqual(NOTHING)
    expect(call.view.mode).toBe('text')
    expect(browser.newest.posted.filter(({message}) => message.kind === 'mode').at(-1)?.message).toEqual({
      kind: 'mode',
      mode: 'text',
    })
  })

  test('sound that fails in the talk: text', async () => {
    await talk()
    browser.sounds('failed')
    expect(call.view).toMatchObject({screen: 'text', mode: 'text', sound: 'failed'})
    expect(call.view.problems.map(({code}) => code)).toContain('sound_failed')
    expect(browser.open).toEqual(NOTHING)
    expect(browser.newest.told.slice(3)).toEqual(['mode', 'disconnect'])
  })

  test('leave to use the microphone that is taken back: text', async () => {
    await talk()
    browser.becomes({kind: 'lost'})
    expect(call.view).toMatchObject({screen: 'talk', microphone: 'lost'})
    browser.becomes({kind: 'denied', by: 'user'})
    expect(call.view).toMatchObject({screen: 'text', microphone: 'denied'})
  })

  test('a microphone that is lost and found goes on in the same talk', async () => {
    await talk()
    browser.becomes({kind: 'lost'})
    const another = {...LIVE, stream: {} as MediaStream}
    browser.becomes(another)
    await settled()
    expect(call.view).toMatchObject({screen: 'talk', microphone: 'live'})
    expect(browser.node('viva-capture').port.posted.filter(({kind}) => kind === 'renew')).toHaveLength(2)
  })

  test('another context: the processors are made anew and connected to the worker', async () => {
    await talk()
    browser.rebuilds()
    await settled()
    expect(browser.newest.told.filter((kind) => kind === 'connect')).toHaveLength(2)
    expect(browser.open.outputs).toBe(1)
    expect(call.view.mode).toBe('voice')
  })

  test('a processor that breaks is made anew, one that goes on breaking is done without', async () => {
    await talk()
    for (let i = 0; i < 2; i++) browser.node('viva-playback').onprocessorerror?.(new Event('processorerror'))
    expect(browser.newest.told.filter((kind) => kind === 'connect')).toHaveLength(3)
    expect(call.view.mode).toBe('voice')
    browser.node('viva-capture').onprocessorerror?.(new Event('processorerror'))
    expect(call.view.mode).toBe('text')
    expect(browser.open).toEqual(NOTHING)
  })

  test('suspended sound waits for a tap', async () => {
    await talk()
    browser.sounds('suspended')
    expect(call.view.sound).toBe('suspended')
    browser.sounds('ok')
    expect(call.view.sound).toBe('ok')
  })
})

test('an element that the browser does not let play waits for a tap, too', async () => {
  browser.lets = false
  await talk()
  expect(call.view.sound).toBe('suspended')
  expect(call.view.problems[0]?.action).toBe('tap')
  browser.sounds('ok') // the context alone
  await call.unlock()
  expect(call.view.sound).toBe('suspended')
  browser.lets = true
  await call.unlock()
  expect(call.view.sound).toBe('ok')
})

describe('a reload', () => {
  test('is survived: the ticket to come back with and what was heard are kept, and used', async () => {
    await talk()
    browser.newest.says({kind: 'heard', reply: 2, samples: 48_000})
    browser.window.dispatchEvent(new Event('pagehide'))
    const after = new FakeBrowser()
    for (const [key, value] of browser.storage.items) after.storage.items.set(key, value)
    expect(resumable(OPTIONS, after.host)).toBe(true)
    const again = createCall(OPTIONS, after.host)
    await again.start()
    expect(after.requests).toEqual([])
    expect(after.newest.the('booked')).toMatchObject({ticket: 'R1'})
    expect(after.newest.the('start')).toMatchObject({heard: {reply: 2, samples: 48_000}})
    again.leave()
    expect(resumable(OPTIONS, after.host)).toBe(false)
    call.leave()
  })

  test('is survived also when another one comes before the call is on again', async () => {
    await talk()
    browser.window.dispatchEvent(new Event('pagehide'))
    let items = browser.storage.items
    for (let reloads = 0; reloads < 2; reloads++) {
      const after = new FakeBrowser()
      for (const [key, value] of items) after.storage.items.set(key, value)
      await createCall(OPTIONS, after.host).start()
      expect(after.newest.the('booked')).toMatchObject({ticket: 'R1'})
      after.window.dispatchEvent(new Event('pagehide'))
      items = after.storage.items
    }
  })

  test('is not offered after the server has stopped waiting, nor for another agent', async () => {
    await talk()
    browser.window.dispatchEvent(new Event('pagehide'))
    expect(resumable({agent: 'another'}, browser.host)).toBe(false)
    browser.clock.turn(121)
    expect(resumable(OPTIONS, browser.host)).toBe(false)
  })

  test('leaving before the start forgets it', async () => {
    await talk()
    const after = new FakeBrowser()
    for (const [key, value] of browser.storage.items) after.storage.items.set(key, value)
    expect(resumable(OPTIONS, after.host)).toBe(true)
    createCall(OPTIONS, after.host).leave()
    expect(resumable(OPTIONS, after.host)).toBe(false)
  })

  test('is of one call: another of the same page neither comes back to it nor forgets it', async () => {
    await talk()
    expect(resumable(OPTIONS, browser.host)).toBe(false)
    const other = createCall(OPTIONS, browser.host)
    await other.start()
    expect(browser.requests).toHaveLength(2)
    expect(browser.newest.the('booked')).toMatchObject({ticket: 'T'})
    other.leave()
    const after = new FakeBrowser()
    for (const [key, value] of browser.storage.items) after.storage.items.set(key, value)
    expect(resumable(OPTIONS, after.host)).toBe(true)
    call.leave()
  })

  test('what is heard is kept about once a second, for pages that are killed', async () => {
    await talk()
    const kept = () => JSON.parse([...browser.storage.items.values()][0] ?? '{}').samples
    browser.newest.says({kind: 'heard', reply: 1, samples: 2_400})
    expect(kept()).toBe(0)
    browser.clock.turn(1)
    browser.newest.says({kind: 'heard', reply: 1, samples: 26_400})
    expect(kept()).toBe(26_400)
  })

  test('without storage there is a call all the same, and nothing to come back to', async () => {
    browser.storage.refusing = true
    await talk()
    browser.window.dispatchEvent(new Event('pagehide'))
    expect(call.view.screen).toBe('talk')
    expect(resumable(OPTIONS, browser.host)).toBe(false)
    call.leave()
  })

  test('a page that cannot load its files now may come back later', async () => {
    await talk()
    browser.window.dispatchEvent(new Event('pagehide'))
    const after = new FakeBrowser()
    for (const [key, value] of browser.storage.items) after.storage.items.set(key, value)
    after.starting = 'refused'
    const again = createCall(OPTIONS, after.host)
    await again.start()
    expect(again.view.why.trouble).toBe('load_failed')
    after.starting = 'ready'
    await again.start()
    expect(after.newest.the('booked')).toMatchObject({ticket: 'R1'})
  })

  test('what is too old is thrown away', async () => {
    await talk()
    browser.window.dispatchEvent(new Event('pagehide'))
    const after = new FakeBrowser()
    for (const [key, value] of browser.storage.items) after.storage.items.set(key, value)
    after.clock.turn(121)
    await createCall(OPTIONS, after.host).start()
    expect(after.requests).toHaveLength(1)
    expect(after.storage.items.size).toBe(0)
  })

  test('a server that is not waiting any more: words, and the next start is another call', async () => {
    await talk()
    const after = new FakeBrowser()
    for (const [key, value] of browser.storage.items) after.storage.items.set(key, value)
    const again = createCall(OPTIONS, after.host)
    await again.start()
    after.newest.says({kind: 'keep', keepsake: null})
    after.newest.line('lost', {loss: 'call_gone'})
    expect(again.view.screen).toBe('problem')
    expect(again.view.problems[0]?.action).toBe('restart')
    await again.start()
    expect(after.requests).toHaveLength(1)
    expect(after.newest.the('booked')).toMatchObject({ticket: 'T'})
  })
})

describe('the page', () => {
  test.each([
    ['window', 'offline', 'offline'],
    ['window', 'online', 'online'],
    ['document', 'freeze', 'freeze'],
    ['document', 'resume', 'thaw'],
  ] as const)('%s %s is told to the worker as %s', async (target, type, told) => {
    await talk()
    browser[target].dispatchEvent(new Event(type))
    expect(browser.newest.told.at(-1)).toBe(told)
  })

  test('a page that goes into the cache for going back freezes, and thaws when it comes back', async () => {
    await talk()
    const persisted = (type: string) => Object.assign(new Event(type), {persisted: true})
    browser.window.dispatchEvent(persisted('pagehide'))
    expect(browser.newest.told.at(-1)).toBe('freeze')
    browser.window.dispatchEvent(persisted('pageshow'))
    expect(browser.newest.told.at(-1)).toBe('thaw')
  })
})

describe('the worker', () => {
  test('one that dies has a successor, which comes back to the call', async () => {
    await talk()
    call.mute(true)
    browser.newest.says({kind: 'heard', reply: 2, samples: 480})
    browser.workers[0]?.breaks('out of memory')
    await settled()
    expect(browser.workers).toHaveLength(2)
    expect(browser.workers[0]?.terminated).toBe(true)
    expect(browser.newest.told).toEqual(['booked', 'mute', 'connect', 'start'])
    expect(browser.newest.the('booked')).toMatchObject({ticket: 'R1'})
    expect(browser.newest.the('start')).toMatchObject({heard: {reply: 2, samples: 480}})
    expect(browser.open).toEqual({microphones: 1, contexts: 1, outputs: 1})
  })

  test('one that goes on dying is a problem with words, and nothing is held', async () => {
    await talk()
    for (let i = 0; i < 3; i++) {
      browser.newest.breaks('again')
      await settled()
    }
    expect(browser.workers).toHaveLength(3)
    expect(call.view.screen).toBe('problem')
    expect(call.view.problems[0]).toMatchObject({code: 'crashed'})
    expectNothingHeld()
  })

  test('one has one successor, however often it complains before it is gone', async () => {
    await talk()
    const [worker] = browser.workers
    const {onmessage, onerror} = worker ?? {}
    for (let i = 0; i < 13; i++) onmessage?.({data: {kind: 'broke', what: 'TypeError'}} as MessageEvent<unknown>)
    onerror?.({message: 'at last', preventDefault() {}} as ErrorEvent)
    onmessage?.({data: {kind: 'line', phase: 'ended'}} as MessageEvent<unknown>)
    await settled()
    expect(browser.workers).toHaveLength(2)
    expect(browser.newest.told).toEqual(['booked', 'connect', 'start'])
    expect(call.view.screen).toBe('talk')
  })

  test('one that dies before the call began is a problem, too', async () => {
    await call.start()
    browser.newest.breaks('at once')
    await settled()
    expect(call.view.why.trouble).toBe('crashed')
    expectNothingHeld()
  })

  test('what it throws is kept; too much of it is a worker that died', async () => {
    await talk()
    for (let i = 0; i < 9; i++) browser.newest.says({kind: 'broke', what: 'TypeError'})
    expect(browser.workers).toHaveLength(1)
    expect(call.health().broken).toHaveLength(9)
    browser.newest.says({kind: 'broke', what: 'TypeError'})
    await settled()
    expect(browser.workers).toHaveLength(2)
    browser.newest.says({kind: 'broke', what: 'TypeError'})
    await settled()
    expect(browser.workers).toHaveLength(2)
  })

  test.each([[null], ['text'], [7], [{}], [{kind: 'unknown'}], [{kind: 7}], [{kind: 'ready'}]])(
    '%j of it changes nothing',
    async (message) => {
      await talk()
      const before = call.view
      browser.newest.says(message)
      expect(call.view).toBe(before)
    },
  )

  test('a call that was left hears nothing of its old worker', async () => {
    await talk()
    call.leave()
    const before = call.view
    browser.newest.line('live')
    expect(call.view).toBe(before)
  })
})

test('health says how all came to run', async () => {
  expect(call.health()).toEqual({worker: null, audio: null, broken: []})
  await talk()
  expect(call.health()).toMatchObject({worker: {way: 'file'}, audio: {way: 'file'}, broken: []})
})

test('microphones', async () => {
  await talk()
  expect(await call.devices()).toEqual([{id: 'mic', label: 'A microphone'}])
  await call.useMicrophone('mic')
  expect(browser.used).toEqual(['mic'])
  await call.unlock()
})
