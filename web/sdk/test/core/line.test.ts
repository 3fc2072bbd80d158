import {expect, test} from 'vitest'
import {idle, type Line, step, wakeAt} from '../../src/core/line.ts'
import {CALLER_HZ, HEADER_BYTES} from '../../src/core/protocol.ts'
import type {LineEffect, LineEvent, LineNews} from '../../src/core/signals.ts'
import type {CaptureToWorker} from '../../src/ports.ts'

/** A line on a clock that the test turns. */
class Bench {
  line: Line = idle
  now = 100
  effects: LineEffect[] = []

  take(event: LineEvent, now = this.now): this {
    this.now = now
    const [line, effects] = step(this.line, event, now)
    this.line = line
    this.effects.push(...effects)
    return this
  }

  booked(expiresInS: number | null = null): this {
    return this.take({kind: 'booked', ticket: 't1', url: 'wss://x/talk', expiresInS})
  }

  start(mode: 'voice' | 'text' = 'voice'): this {
    return this.take({kind: 'start', hello: {mode, lang: 'en'}, chance: 0.5})
  }

  opened(): this {
    return this.take({kind: 'opened', socket: this.line.socket})
  }

  says(message: object): this {
    return this.take({kind: 'text', socket: this.line.socket, text: JSON.stringify(message)})
  }

  welcomed(more: object = {}): this {
    return this.opened().says({kind: 'welcome', call: 'c', resume: 'r1', ...more})
  }

  live(): this {
    return this.booked().start().welcomed()
  }

  drops(code = 1006): this {
    return this.take({kind: 'closed', socket: this.line.socket, code})
  }

  frame(position: number, samples = 512, unsent = 0): this {
    const message = {kind: 'frame', position, pcm: new ArrayBuffer(2 * samples), level: 0.1} as const
    return this.take({kind: 'capture', message, unsent})
  }

  /** Wake it as often as it wants, up to this moment. */
  until(moment: number): this {
    for (let due = wakeAt(this.line); due !== null && due <= moment; due = wakeAt(this.line)) {
      this.take({kind: 'woke'}, Math.max(due, this.now))
    }
    this.now = moment
    return this
  }

  forget(): this {
    this.effects = []
    return this
  }

  /** Control messages sent since the last `forget`. */
  get sent(): Record<string, unknown>[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'send' && typeof effect.data === 'string' ? [JSON.parse(effect.data)] : [],
    )
  }

  /** Positions of microphone frames. */
  get frames(): number[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'send' && typeof effect.data !== 'string'
        ? [Number(new DataView(effect.data).getBigUint64(8, true))]
        : [],
    )
  }

  get playback(): unknown[] {
    return this.effects.flatMap((effect) => (effect.kind === 'to_playback' ? [effect.message] : []))
  }

  get opens(): string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'open' ? [effect.protocols.join(' ')] : []))
  }

  news<Kind extends LineNews['kind']>(kind: Kind): (LineNews & {kind: Kind})[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'tell' && effect.news.kind === kind ? [effect.news as LineNews & {kind: Kind}] : [],
    )
  }
}

const bench = () => new Bench()

test('it opens with both subprotocols, says hello, and is live when welcomed', () => {
  const b = bench().booked().start()
  expect(b.opens).toEqual(['vivavoce.v1 ticket.t1'])
  b.opened()
  expect(b.sent).toEqual([{kind: 'hello', mode: 'voice', lang: 'en', reply: 0, samples: 0}])
  b.says({kind: 'welcome', call: 'c', resume: 'r1'})
  expect(b.line.phase).toBe('live')
  expect(b.news('keep')).toEqual([{kind: 'keep', keepsake: {call: 'c', resume: 'r1', reply: 0, samples: 0}}])
  expect(b.news('line').map(({phase}) => phase)).toEqual(['connecting', 'greeting', 'live'])
})

test('who begins without a booking is told, and nothing is opened', () => {
  const b = bench().start()
  expect(b.line).toMatchObject({phase: 'lost', loss: 'ticket_expired'})
  expect(b.opens).toEqual([])
})

test('what the microphone delivers before the beginning is not sent; what follows it waits for the welcome', () => {
  const b = bench().booked().frame(0).frame(512).start().frame(1024).frame(1536).opened()
  expect(b.frames).toEqual([])
  b.says({kind: 'welcome', call: 'c'}).frame(2048)
  expect(b.frames).toEqual([0, 512, 1024])
})

test('a page that was reloaded goes on where the microphone of the call stands', () => {
  const b = bench().booked()
  b.take({kind: 'start', hello: {}, heard: {reply: 3, samples: 700}, chance: 0})
    .frame(90_000)
    .opened()
  expect(b.sent).toEqual([{kind: 'hello', reply: 3, samples: 700}])
  b.says({kind: 'welcome', call: 'c', returned: true, at: 400_000}).frame(90_512)
  expect(b.frames).toEqual([400_000, 400_512])
  b.take({kind: 'playback', message: {kind: 'played', reply: 3, samples: 900, at: 91_024}})
  expect(b.sent.at(-1)).toEqual({kind: 'played', reply: 3, samples: 900, at: 401_024})
})

test('who begins with typing and goes over to voice is on the clock of the call', () => {
  const b = bench().booked().start('text').welcomed()
  b.now += 60
  b.take({kind: 'mode', mode: 'voice'}).frame(4096).frame(4608)
  expect(b.frames).toEqual([60 * CALLER_HZ - 512, 60 * CALLER_HZ])
})

test('other processors have another clock, wherever it stands', () => {
  const b = bench().live().frame(0)
  b.now += 10
  b.take({kind: 'connected'}).frame(4096)
  expect(b.frames).toEqual([0, 10 * CALLER_HZ])
})

test('an audio context that was made anew counts from 0; the call counts on, the time between included', () => {
  const b = bench().live().frame(32_000)
  b.now += 2
  b.frame(128).frame(640)
  expect(b.frames).toEqual([0, 2 * CALLER_HZ, 2 * CALLER_HZ + 512])
  b.now += 0.032
  b.frame(100)
  expect(b.frames.at(-1)).toBe(2 * CALLER_HZ + 1024)
})

test('what is said while the line is down goes out when it is back, in order, and the gateway learns of the gap', () => {
  const b = bench().live().frame(0).drops().forget()
  for (let at = 1; at <= 5; at++) b.frame(at * 512)
  b.take({kind: 'type', text: ' Still there? '}).take({kind: 'correct', field: 'team', value: undefined})
  expect(b.frames).toEqual([])
  b.until(103).welcomed({resume: 'r2', returned: true, heard: 512})
  expect(b.frames).toEqual([512, 1024, 1536, 2048, 2560])
  expect(b.sent.slice(1)).toEqual([
    {kind: 'typed', text: 'Still there?', number: 1},
    {kind: 'correct', field: 'team', value: null, number: 2},
  ])
  b.forget().until(105)
  expect(b.sent).toMatchObject([{kind: 'health', faults: [{what: 'network_gap', ms: 3000}]}])
  b.until(120).drops().forget().welcomed({returned: true, heard: 3072, taken: 2})
  expect(b.sent.map(({kind}) => kind)).toEqual(['hello']) // once is enough
  expect(b.frames).toEqual([])
})

test('what a dead socket took along is sent again from where the gateway has heard, once', () => {
  const b = bench().live()
  for (let at = 0; at < 6; at++) b.frame(at * 512)
  b.until(106)
    .drops()
    .frame(6 * 512)
    .forget()
    .welcomed({returned: true, heard: 4 * 512})
  expect(b.frames).toEqual([4 * 512, 5 * 512, 6 * 512])
  b.forget().frame(7 * 512)
  expect(b.frames).toEqual([7 * 512])
  b.until(112)
    .drops()
    .forget()
    .welcomed({returned: true, heard: 8 * 512})
  expect(b.frames).toEqual([])
})

test('a server that stands in the middle of a frame gets the rest of it; what is too short to be one is left out', () => {
  const b = bench().live().frame(0).frame(512).frame(1024).until(106).drops().forget()
  b.welcomed({returned: true, heard: 700})
  expect(b.frames).toEqual([700, 1024])
  const sizes = b.effects.flatMap((effect) =>
    effect.kind === 'send' && typeof effect.data !== 'string' ? [(effect.data.byteLength - HEADER_BYTES) / 2] : [],
  )
  expect(sizes).toEqual([324, 512])
  b.until(112).drops().forget().welcomed({returned: true, heard: 1000})
  expect(b.frames).toEqual([1024])
  expect(b.line.microphone.kept).toBe(512 + 324 + 512)
})

test('a server whose clock is ahead of this microphone is followed: it would hear nothing otherwise', () => {
  const b = bench().live().frame(0).until(106).drops().forget()
  b.welcomed({returned: true, heard: 160_000}).frame(512).frame(1024)
  expect(b.frames).toEqual([160_000, 160_512])
})

test('thirty seconds of microphone are kept; of the oldest that goes, what was not heard is counted', () => {
  const b = bench().live()
  for (let at = 0; at < 10; at++) b.frame(at * 512)
  b.until(120).drops().forget()
  for (let at = 10; at < 1026; at++) b.frame(at * 512)
  b.welcomed({returned: true, heard: 4 * 512})
  expect(b.frames).toHaveLength(937)
  expect(b.frames[0]).toBe(89 * 512)
  expect(b.news('mic_dropped')).toEqual([{kind: 'mic_dropped', ms: 85 * 32}])
  b.forget().until(b.now + 2)
  expect(b.sent[0]).toMatchObject({faults: [{what: 'network_gap'}, {what: 'mic_dropped', at: 4 * 512, ms: 85 * 32}]})
  expect(
    b
      .forget()
      .frame(1026 * 512)
      .news('mic_dropped'),
  ).toEqual([])
})

test('what was said long before the line was up is left out: a server takes no sound far ahead of its clock', () => {
  const b = bench().booked().start()
  for (let at = 0; at < 1000; at++) b.frame(at * 512)
  b.now += 32
  b.welcomed().frame(1000 * 512)
  expect(b.frames).toHaveLength(312 + 1)
  expect([b.frames[0], b.frames.at(-1)]).toEqual([0, 312 * 512])
  const typing = bench().booked().start('text')
  typing.now += 60
  typing.welcomed()
  typing.now += 5
  expect(typing.take({kind: 'mode', mode: 'voice'}).frame(512).frames).toEqual([5 * CALLER_HZ - 512])
})

test('a call that moves to another server goes on unsaid, and is told of when that takes long', () => {
  const b = bench().live().until(106).forget()
  b.drops(4412)
  expect(b.opens).toEqual(['vivavoce.v1 ticket.r1'])
  expect(b.news('line').at(-1)).toMatchObject({phase: 'connecting', moved: 'quietly'})
  b.welcomed({resume: 'r2', returned: true})
  expect(b.news('line').at(-1)).toMatchObject({phase: 'live', moved: null})
  b.until(120).drops(4412).drops().forget().until(121.9)
  expect(b.news('line').some(({moved}) => moved === 'slowly')).toBe(false)
  expect(b.until(122.1).news('line').at(-1)).toMatchObject({moved: 'slowly'})
  b.welcomed({returned: true}).drops()
  expect(b.line.moved).toBeNull()
})

test('a server that passes every call on at once is not asked ever faster', () => {
  const b = bench().live().forget()
  for (let at = 0; at < 20; at++)
    b.drops(4412)
      .until(b.now + 10)
      .welcomed({returned: true})
  const asked = b.effects.filter(({kind}) => kind === 'open').length
  expect(asked).toBeLessThan(30)
  b.drops(4412)
  expect(b.line.phase, 'it waits').toBe('waiting')
})

test('a window that is kept out by another one is told, and may try again with what it has', () => {
  const b = bench().booked()
  b.take({kind: 'start', hello: {}, heard: {reply: 0, samples: 0}, chance: 0.5})
  b.opened().drops(4423)
  expect(b.line.phase, 'its own old socket may be in the way').toBe('waiting')
  for (let at = 0; at < 4; at++) b.until(b.now + 3).drops(4423)
  expect(b.line).toMatchObject({phase: 'lost', loss: 'elsewhere'})
  expect(b.now).toBeLessThan(115)
  expect(b.news('keep')).toEqual([])
})

test('who was in the call is not kept out by a socket of their own that the server still believes in', () => {
  const b = bench().live().until(106).drops()
  for (let at = 0; at < 8; at++)
    b.opened()
      .drops(4423)
      .until(b.now + 5)
  expect(b.line.phase).toMatch(/waiting|connecting/)
  expect(b.until(300).line.loss).toBe('unreachable')
})

test('the call is waited for as long as its server says', () => {
  const patient = (seconds: number) => bench().live().until(120).drops().welcomed({return_within_s: seconds}).drops()
  for (const [seconds, waits] of [
    [20, 20],
    [600, 600],
    [0, 120],
    [-3, 120],
  ] as const) {
    const b = patient(seconds)
    expect(b.until(b.now + waits - 12).line.loss, `${seconds}`).toBeNull()
    expect(b.until(b.now + 24).line.loss, `${seconds}`).toBe('unreachable')
  }
})

test('a network that does not take the microphone makes it wait; then everything goes', () => {
  const b = bench().live().frame(0, 512, 64_001).frame(512, 512, 1e6)
  expect(b.frames).toEqual([])
  b.frame(1024, 512, 64_000)
  expect(b.frames).toEqual([0, 512, 1024])
})

test('the first attempt after a loss is made at once with the ticket of the last welcome', () => {
  const b = bench().live().until(120).forget().drops()
  expect(b.opens).toEqual(['vivavoce.v1 ticket.r1'])
  expect(b.line).toMatchObject({phase: 'connecting', attempt: 1})
})

test('back online, and back from the freezer, an attempt is made at once, however many failed before', () => {
  for (const [away, back] of [
    ['offline', 'online'],
    ['freeze', 'thaw'],
  ] as const) {
    const b = bench().live().drops().until(115)
    expect(b.line.attempt).toBeGreaterThan(1)
    if (b.line.phase !== 'waiting') b.until(b.line.dueAt ?? 0)
    b.take({kind: away}).forget().until(116)
    expect(b.opens).toEqual([])
    b.take({kind: back})
    expect(b.opens).toHaveLength(1)
    expect(b.line).toMatchObject({phase: 'connecting', attempt: 1})
  }
})

test('who leaves between hello and welcome is not waited for', () => {
  const b = bench().booked().start().opened().forget()
  b.take({kind: 'leave'})
  expect(b.sent).toEqual([{kind: 'leave'}])
})

test('other processors are silent, whatever those before were playing', () => {
  const b = bench().live()
  b.take({kind: 'playback', message: {kind: 'audible', reply: 2}}).take({kind: 'connected'})
  expect(b.news('audible').map(({reply}) => reply)).toEqual([2, 0])
})

test('what is no number is measured as nothing: the gateway would refuse it', () => {
  const b = bench().live().forget()
  const unknown = {returnLossDb: Number.NaN, delayMs: null, noiseDbfs: null}
  const levels = {kind: 'levels', at: 0, step: 160, mic: [Number.NaN, -20], far: [Number.NEGATIVE_INFINITY], ...unknown}
  b.take({kind: 'capture', message: levels as CaptureToWorker, unsent: 0})
  b.take({kind: 'capture', message: {kind: 'doubt', reply: 1, at: 0, level: Number.NaN}, unsent: 0})
  expect(b.sent).toMatchObject([
    {mic: [-120, -20], far: [-120], return_loss_db: null},
    {kind: 'doubt', level: 0},
  ])
})

test('a machine that says offline though its server can be reached comes back without ever saying online', () => {
  const b = bench().live()
  b.take({kind: 'offline'}).forget()
  expect(b.line.phase).toBe('offline')
  b.until(b.now + 4)
  expect(b.opens).toEqual(['vivavoce.v1 ticket.r1'])
  expect(b.news('line').map(({phase}) => phase)).toEqual(['offline']) // no flicker on the screen
  b.drops()
  expect(b.line.phase).toBe('offline')
  b.until(b.now + 10).welcomed({returned: true, resume: 'r2'})
  expect(b.news('line').at(-1)?.phase).toBe('live')
  b.forget().take({kind: 'online'})
  expect(b.line.phase).toBe('live')
  expect(b.effects).toEqual([])
})

test('an attempt that was under way while there was no network is made anew when there is one', () => {
  const b = bench().live()
  b.take({kind: 'offline'}).until(b.now + 4)
  b.forget().take({kind: 'online'})
  expect(b.opens).toHaveLength(1)
  expect(b.line).toMatchObject({phase: 'connecting', attempt: 1})
})

test('a frozen page that is offline makes no attempts', () => {
  const b = bench().live()
  b.take({kind: 'offline'})
    .take({kind: 'freeze'})
    .forget()
    .until(b.now + 30)
  expect(b.opens).toEqual([])
  b.take({kind: 'thaw'})
  expect(b.opens).toHaveLength(1)
})

test('a line that breaks as soon as it is live is tried ever less often', () => {
  const b = bench().live()
  const waits: number[] = []
  for (let round = 0; round < 4; round++) {
    b.drops()
    waits.push((b.line.dueAt ?? 0) - b.now)
    b.until(b.line.dueAt ?? 0).welcomed()
  }
  expect([...waits].sort((a, b) => a - b)).toEqual(waits)
  expect(waits[0]).toBeGreaterThan(0)
})

test('a socket that does not open, and a welcome that does not come, are given up after ten seconds', () => {
  const b = bench().booked().start().until(109.9)
  expect(b.line).toMatchObject({phase: 'connecting', socket: 1})
  b.until(110)
  expect(b.effects).toContainEqual({kind: 'close', socket: 1})
  expect(b.line.phase).toBe('waiting')
  b.until(b.line.dueAt ?? 0)
    .opened()
    .forget()
    .until(b.now + 10)
  expect(b.effects).toContainEqual({kind: 'close', socket: 2})
})

test('a lost line is given up when the call waits no longer', () => {
  const b = bench().live().until(200).drops()
  b.until(319.9)
  expect(b.line.phase).not.toBe('lost')
  b.until(325) // an attempt may be under way
  b.until(340)
  expect(b.line).toMatchObject({phase: 'lost', loss: 'unreachable'})
  expect(b.news('keep').at(-1)).toEqual({kind: 'keep', keepsake: null})
})

test('what an older socket still says is not heard', () => {
  const b = bench().live().until(120).drops().forget()
  b.take({kind: 'text', socket: 1, text: '{"kind":"ended","reason":"late"}'}).take({
    kind: 'closed',
    socket: 1,
    code: 1000,
  })
  expect(b.line.phase).toBe('connecting')
  expect(b.effects).toEqual([])
})

test('what was heard meanwhile is told once the line is back', () => {
  const b = bench().live().until(120).drops().opened().forget()
  b.take({kind: 'playback', message: {kind: 'played', reply: 1, samples: 4800, at: 0}})
  expect(b.sent).toEqual([])
  b.says({kind: 'welcome', call: 'c', returned: true})
  expect(b.sent).toEqual([{kind: 'played', reply: 1, samples: 4800, at: 0}])
})

test('a mode that was changed while the hello was out is told; one before it goes with the hello', () => {
  const b = bench().live().drops().take({kind: 'mode', mode: 'text'}).until(110).opened()
  expect(b.sent.at(-1)).toMatchObject({kind: 'hello', mode: 'text'})
  b.take({kind: 'mode', mode: 'voice'}).forget().says({kind: 'welcome', call: 'c', returned: true})
  expect(b.sent).toEqual([{kind: 'mode', mode: 'voice'}])
})

test('in text mode the microphone is not sent', () => {
  const b = bench().live().take({kind: 'mode', mode: 'text'}).frame(0)
  expect(b.frames).toEqual([])
  expect(b.line.microphone.frames).toEqual([])
})

test('a doubt about a reply that is cut leads to nothing more', () => {
  const b = bench()
    .live()
    .take({kind: 'binary', socket: 1, data: reply(1)})
  const doubt = {kind: 'doubt', reply: 1, at: 0, level: 0.2} as const
  b.take({kind: 'capture', message: doubt, unsent: 0}).says({kind: 'cut', reply: 1}).forget()
  b.take({kind: 'capture', message: doubt, unsent: 0}).until(110)
  expect(b.playback).toEqual([])
})

test('replies before the one that the gateway goes on with are over', () => {
  const b = bench().live()
  b.take({kind: 'binary', socket: 1, data: reply(2)})
    .says({kind: 'hold', reply: 2})
    .until(120)
    .drops()
  b.welcomed({returned: true}).forget().says({kind: 'resume', reply: 4})
  expect(b.playback).toEqual([
    {kind: 'cut', reply: 2},
    {kind: 'resume', reply: 4},
  ])
  b.forget().says({kind: 'resume', reply: 7})
  expect(b.playback).toEqual([{kind: 'resume', reply: 7}])
})

test('a window that took the call over silences this one; nothing is tried again', () => {
  const b = bench()
    .live()
    .take({kind: 'binary', socket: 1, data: reply(1)})
    .forget()
    .drops(4409)
  expect(b.line.phase).toBe('replaced')
  expect(b.playback).toEqual([{kind: 'cut', reply: 1}])
  expect(wakeAt(b.line)).toBeNull()
})

test("the agent's goodbye is heard after the end", () => {
  const b = bench().live().says({kind: 'ended', reason: 'agent_ended'}).forget()
  expect(b.line.phase).toBe('ended')
  b.take({kind: 'playback', message: {kind: 'audible', reply: 1}})
  b.take({kind: 'playback', message: {kind: 'finished', reply: 1, samples: 2400, at: 0}})
  b.take({kind: 'start', hello: {}, chance: 0}).booked()
  expect(b.effects).toEqual([
    {kind: 'tell', news: {kind: 'audible', reply: 1}},
    {kind: 'tell', news: {kind: 'heard', reply: 1, samples: 2400}},
  ])
})

test('whoever leaves is not heard any more, says goodbye where it can, and keeps nothing', () => {
  const b = bench()
    .live()
    .take({kind: 'binary', socket: 1, data: reply(1)})
    .forget()
    .take({kind: 'leave'})
  expect(b.sent).toEqual([{kind: 'leave'}])
  expect(b.playback).toEqual([{kind: 'cut', reply: 1}])
  expect(b.effects.map(({kind}) => kind)).toEqual(['send', 'to_playback', 'close', 'tell', 'tell'])
})

test('whoever leaves while the line is down comes back once to say so, with what was done meanwhile', () => {
  const b = bench().live().drops().drops().frame(0).take({kind: 'type', text: 'Bye.'}).forget()
  expect(b.line.phase).toBe('waiting')
  b.take({kind: 'leave'}).take({kind: 'leave'})
  expect(b.opens).toEqual(['vivavoce.v1 ticket.r1'])
  expect(b.sent).toEqual([])
  b.opened()
  expect(b.sent.map(({kind}) => kind)).toEqual(['hello', 'typed', 'leave'])
  expect(b.frames).toEqual([])
  expect(b.line.phase).toBe('ended')
  expect(b.effects.filter(({kind}) => kind === 'close')).toHaveLength(1)
  expect(b.news('keep')).toEqual([{kind: 'keep', keepsake: null}])
})

test('whoever leaves uses the socket that is being opened; and a reloaded page says it as well', () => {
  const coming = bench().live().until(106).drops()
  expect(coming.line.phase).toBe('connecting')
  coming.forget().take({kind: 'leave'}).opened()
  expect(coming.opens).toEqual([])
  expect(coming.sent.map(({kind}) => kind)).toEqual(['hello', 'leave'])
  const heard = {reply: 1, samples: 100}
  const reloaded = bench()
    .booked()
    .take({kind: 'start', hello: {mode: 'voice'}, chance: 0.5, heard})
  reloaded.take({kind: 'leave'}).opened()
  expect(reloaded.sent).toEqual([{kind: 'hello', mode: 'voice', ...heard}, {kind: 'leave'}])
})

test('a call that has never begun is left without a word', () => {
  const b = bench().booked().start().take({kind: 'leave'})
  expect(b.line.phase).toBe('ended')
  expect(b.sent).toEqual([])
})

test.each<[string, (b: Bench) => void]>([
  ['no answer', (b) => b.until(b.now + 3)],
  ['a closed socket', (b) => b.drops()],
  ['a refusal', (b) => b.drops(4401)],
  ['no network', (b) => b.take({kind: 'offline'})],
])('the way back of who leaves ends with %s', (_, happens) => {
  const b = bench().live().drops().drops().take({kind: 'leave'}).forget()
  happens(b)
  expect(b.line).toMatchObject({phase: 'ended', loss: null})
  expect(b.opens).toEqual([])
  expect(wakeAt(b.line)).toBeNull()
})

test('a stale ticket of who leaves is not waited for longer than the rest', () => {
  const start = {kind: 'start', hello: {}, chance: 0.5, heard: {reply: 1, samples: 1}} as const
  const b = bench().take({kind: 'booked', ticket: 't1', url: 'ws://x', expiresInS: 0}).take(start)
  expect(b.line.ticket?.fetching).toBe(true)
  b.take({kind: 'leave'}).until(b.now + 3)
  expect(b.line.phase).toBe('ended')
})

test('the pace goes to the gateway at once, and with every hello after it', () => {
  const b = bench().live().forget()
  b.take({kind: 'pace', pace: 'interview'})
  expect(b.sent).toEqual([{kind: 'pace', pace: 'interview'}])
  b.until(106).drops().forget().opened()
  expect(b.sent).toMatchObject([{kind: 'hello', pace: 'interview'}])
  b.take({kind: 'pace', pace: 'casual'}).forget().says({kind: 'welcome', call: 'c', resume: 'r2'})
  expect(b.sent).toEqual([{kind: 'pace', pace: 'casual'}])
})

test('the end of a turn is said behind the sound of it', () => {
  const b = bench().live().until(106).frame(0).forget().take({kind: 'done'})
  expect(b.sent).toEqual([{kind: 'done'}])
  // the network takes nothing, then there is no network, then there is one again
  for (const away of [() => b.frame(512, 512, 100_000), () => b.drops().frame(1024)]) {
    away()
    b.forget().take({kind: 'done'})
    expect(b.sent).toEqual([])
  }
  b.welcomed({returned: true, heard: (b.line.microphone.frames[0]?.position ?? 0) + 512})
  const order = b.effects.flatMap((effect) =>
    effect.kind === 'send' ? [typeof effect.data === 'string' ? JSON.parse(effect.data).kind : 'sound'] : [],
  )
  expect(order.slice(order.indexOf('sound'))).toEqual(['sound', 'sound', 'done'])
})

test('who goes on talking before it could be said has not ended the turn; who types ends none', () => {
  const b = bench().live().until(106).drops().frame(0).take({kind: 'done'}).take({kind: 'mute', on: false}).welcomed()
  expect(b.sent.map(({kind}) => kind)).not.toContain('done')
  const typing = bench().live().take({kind: 'mode', mode: 'text'}).forget().take({kind: 'done'})
  expect(typing.sent).toEqual([])
})

test('leave to erase the call is told apart from what is kept', () => {
  const b = bench().booked().start().welcomed({erase: 'e1'})
  expect(b.news('erasable')).toEqual([{kind: 'erasable', token: 'e1'}])
  expect(JSON.stringify(b.news('keep'))).not.toContain('e1')
  expect(b.news('gateway')).toMatchObject([{message: {kind: 'welcome', call: 'c', erase: '', resume: ''}}])
})

test('the page is told what is for people, and not woken for the rest', () => {
  const b = bench().live().forget()
  for (const kind of ['hold', 'resume', 'cut']) b.says({kind, reply: 1})
  b.says({kind: 'reply_done', reply: 1, samples: 1}).says({kind: 'gate', open: true, level: 0.1}).says({kind: 'pulse'})
  expect(b.news('gateway')).toEqual([])
  b.says({kind: 'caption', who: 'ann', turn: 1, text: 'Hello.'})
  expect(b.news('gateway')).toMatchObject([{message: {kind: 'caption', text: 'Hello.', final: false}}])
})

test('a stale ticket is exchanged before the next attempt, not while a socket is using it', () => {
  const b = bench().booked(10).start()
  b.until(109.9)
  expect(b.effects.filter(({kind}) => kind === 'fetch_ticket')).toEqual([])
  b.forget().until(112)
  expect(b.effects).toContainEqual({kind: 'fetch_ticket', ticket: 't1'})
  expect(b.opens).toEqual([])
  b.take({kind: 'ticket', ticket: 't2', expiresInS: 60})
  expect(b.opens).toEqual(['vivavoce.v1 ticket.t2'])
})

test('a ticket that could not be exchanged this time is used as it is', () => {
  const b = bench().booked(0).start()
  expect(b.opens).toEqual([])
  b.take({kind: 'no_ticket', final: false})
  expect(b.opens).toEqual(['vivavoce.v1 ticket.t1'])
})

test('one fresh ticket is asked for at a time', () => {
  const b = bench().booked(10).until(120).take({kind: 'woke'}, 130)
  expect(b.effects.filter(({kind}) => kind === 'fetch_ticket')).toHaveLength(1)
})

test('what a line has swallowed that was dead already is sent again, and nothing twice', () => {
  const b = bench().live().forget()
  b.take({kind: 'type', text: 'one'}).take({kind: 'consent', decision: 'withdrawn', textVersion: '', lang: ''})
  expect(b.sent.map(({number}) => number)).toEqual([1, 2])
  b.until(120).drops().take({kind: 'type', text: 'three'}).forget().welcomed({returned: true, taken: 1})
  expect(b.sent.slice(1).map(({kind, number}) => [kind, number])).toEqual([
    ['consent', 2],
    ['typed', 3],
  ])
  b.until(140).drops().forget().welcomed({returned: true, taken: 3})
  expect(b.sent.map(({kind}) => kind)).toEqual(['hello'])
})

test('who hangs up before they are welcomed back says once more what may be lost', () => {
  const b = bench().live().until(120).take({kind: 'type', text: 'one'}).drops().opened()
  b.forget().take({kind: 'leave'})
  expect(b.sent.map(({kind, number}) => [kind, number])).toEqual([
    ['typed', 1],
    ['leave', undefined],
  ])
})

test('a page that was loaded anew counts on from where the server is', () => {
  const b = bench()
    .booked()
    .take({kind: 'start', hello: {}, heard: {reply: 3, samples: 700}, chance: 0})
    .opened()
  b.says({kind: 'welcome', call: 'c', returned: true, taken: 7}).forget()
  b.take({kind: 'type', text: 'eight'})
  expect(b.sent).toEqual([{kind: 'typed', text: 'eight', number: 8}])
})

test('of what the caller did while the line was down, the newest is sent', () => {
  const b = bench().live().until(120).drops()
  for (let number = 0; number < 40; number++) b.take({kind: 'type', text: `${number}`})
  b.forget().welcomed({returned: true})
  const typed = b.sent.filter(({kind}) => kind === 'typed').map(({text}) => text)
  expect([typed.length, typed[0], typed.at(-1)]).toEqual([32, '8', '39'])
})

test("faults are reported once a second, and those beyond the report's length are counted together", () => {
  const b = bench().live().forget()
  const fault = {kind: 'fault', what: 'underrun', at: 0, ms: 2, count: 1} as const
  for (let number = 0; number < 70; number++) b.take({kind: 'playback', message: fault}, 100.5)
  b.until(101)
  const faults = b.sent.flatMap((message) => message['faults'] as {ms: number; count: number}[])
  expect(faults).toHaveLength(64)
  expect(faults.at(-1)).toMatchObject({ms: 14, count: 7})
  b.forget().take({kind: 'playback', message: fault}).until(101.4)
  expect(b.sent).toEqual([])
  b.until(101.5)
  expect(b.sent).toHaveLength(1)
})

test('a value that JSON cannot say is not sent, and harms nothing', () => {
  const b = bench().live().forget().take({kind: 'correct', field: 'n', value: 1n})
  expect(b.effects).toEqual([])
})

test('what the processors find out goes to the gateway while it is there, and to the page', () => {
  const b = bench().live().frame(16_000).forget()
  const capture = (message: Extract<LineEvent, {kind: 'capture'}>['message']) =>
    b.take({kind: 'capture', message, unsent: 0})
  capture({kind: 'doubt', reply: 1, at: 16_100, level: 0.5})
  capture({
    kind: 'levels',
    at: 16_000,
    step: 512,
    mic: [-20],
    far: [-30],
    returnLossDb: 12,
    delayMs: null,
    noiseDbfs: -60,
  })
  capture({kind: 'echo', state: 'good'})
  expect(b.sent).toEqual([
    {kind: 'doubt', reply: 1, at: 100, level: 0.5},
    {kind: 'levels', at: 0, step: 512, mic: [-20], far: [-30], return_loss_db: 12, delay_ms: null, noise_dbfs: -60},
    {kind: 'echo', state: 'good'},
  ])
  expect(b.news('echo')).toEqual([{kind: 'echo', state: 'good'}])
  b.until(120).drops().forget().welcomed({returned: true})
  expect(b.sent.slice(1)).toEqual([{kind: 'echo', state: 'good'}])
})

function reply(number: number): ArrayBuffer {
  const data = new ArrayBuffer(HEADER_BYTES + 480)
  const header = new DataView(data)
  header.setUint8(0, 1)
  header.setUint8(1, 2)
  header.setUint32(4, number, true)
  return data
}
