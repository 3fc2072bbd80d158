// A caller's machine without a machine: line and view, played by the steps of a script (see calls/README.md).

import {idle, type Line, step as stepLine, wakeAt} from '../../src/core/line.ts'
import {decodeGateway} from '../../src/core/messages.ts'
import {CALLER_HZ, HEADER_BYTES, REPLY_HZ, TICKET_PREFIX} from '../../src/core/protocol.ts'
import type {Keepsake, LineEffect, LineEvent, LineNews, ViewEvent} from '../../src/core/signals.ts'
import {initial, step as stepView, type View} from '../../src/core/view.ts'
import type {WorkerToPlayback} from '../../src/ports.ts'

export type Json = Readonly<Record<string, unknown>>
/** One key: what happens, or what must have happened. */
export type Step = Json

const FRAME_SAMPLES = 512
const PIECE_S = 0.2
/** The processors' clock began this much before the call's: the microphone was warming up. */
const WARM_UP = 3 * CALLER_HZ
/** A script lets a socket open at a moment of its own; the line is given this long to be about to try. */
const SLACK_S = 15
/** A quarter of an hour has 28,000 frames. */
const MAX_TURNS = 50_000

const FOR_THE_GATEWAY = new Set(['model', 'server', 'bytes', 'logged', 'ends'])
/** What a page does, by who is told of it. */
const TO_LINE = new Set(['type', 'correct', 'done', 'offline', 'online', 'freeze', 'thaw', 'connected', 'fault'])
const TO_VIEW = new Set(['microphone', 'sound', 'trouble', 'dismiss', 'push_to_talk', 'talk', 'erased'])
const TO_BOTH = new Set(['mode', 'mute', 'half_duplex', 'consent', 'leave'])

export class Mismatch extends Error {}

export class CallerMachine {
  line: Line = idle
  view: View = initial
  now = 0
  /** Control messages that were sent, whatever socket they went through. */
  readonly sent: Json[] = []
  /** Positions of the microphone frames that were sent. */
  readonly sentFrames: number[] = []
  readonly toPlayback: WorkerToPlayback[] = []
  readonly ticketsAsked: string[] = []
  /** Called after each step of either machine. */
  changed: (line: Line, view: View) => void = () => {}
  #asked: {readonly socket: number; readonly ticket: string} | null = null
  #socket: number | null = null
  #keepsake: Keepsake | null = null
  /** The microphone's clock: samples since the call began, whoever listens. */
  #position = 0
  readonly #totals = new Map<number, number>()
  readonly #found = {caller: 0, playback: 0, tickets: 0}
  /** To where the gateway has heard the microphone, as it takes frames: none that begins before. */
  #heard = 0
  /** Where it missed some: sound that was sent over no socket that carried it. */
  #hole: number | null = null
  #stalls = false

  play(step: Step): void {
    for (const [key, what] of Object.entries(step)) {
      const play = this.#steps[key]
      if (play !== undefined) play(what as Json)
      else if (!FOR_THE_GATEWAY.has(key)) throw new Mismatch(`want a step of calls/README.md, got ${key}`)
    }
  }

  readonly #steps: {readonly [key: string]: (what: Json) => void} = {
    at: (what) => this.#pass(Number(what)),
    page: (what) => this.#page(what),
    link: (what) => this.#link(what),
    caller: (what) => this.#must('caller', this.sent, what),
    sends: (what) => this.#must('caller', this.sent, what),
    playback: (what) => this.#must('playback', this.toPlayback, what),
    asks_ticket: (what) => this.#must('tickets', this.ticketsAsked, what),
    gateway: (what) => this.#comes(JSON.stringify(what), true),
    sound: (what) => this.#sound(what),
    stray: (what) => this.#strays(what),
    speaks: (what) => this.#speaks(Number(what['seconds']), Number(what['level'])),
    played: (what) => this.#played(Number(what['reply']), Math.round(Number(what['seconds']) * REPLY_HZ)),
    audible: (what) => this.feed({kind: 'playback', message: {kind: 'audible', reply: Number(what)}}),
    capture: (what) => this.#captured(what),
    microphone: (what) => this.#arrived(Number(what['to']) * CALLER_HZ),
    view: (what) => this.#shows(what),
    never: (what) => this.#never(what),
  }

  feed(event: LineEvent): void {
    const [line, effects] = stepLine(this.line, event, this.now)
    this.line = line
    for (const effect of effects) this.#carryOut(effect)
    this.changed(this.line, this.view)
  }

  show(event: ViewEvent): void {
    this.view = stepView(this.view, event)
    this.changed(this.line, this.view)
  }

  #carryOut(effect: LineEffect): void {
    switch (effect.kind) {
      case 'open':
        this.#asked = {socket: effect.socket, ticket: (effect.protocols[1] ?? '').slice(TICKET_PREFIX.length)}
        this.#socket = null
        break
      case 'close':
        this.#socket = this.#asked = null
        break
      case 'send':
        if (typeof effect.data === 'string') this.sent.push(JSON.parse(effect.data))
        else this.#sent(effect.data)
        break
      case 'to_playback':
        this.toPlayback.push(effect.message)
        break
      case 'fetch_ticket':
        this.ticketsAsked.push(effect.ticket)
        break
      case 'tell':
        this.#told(effect.news)
        break
      case 'to_capture':
        break
    }
  }

  #told(news: LineNews): void {
    if (news.kind === 'keep') this.#keepsake = news.keepsake
    if (news.kind === 'heard' && this.#keepsake !== null) {
      this.#keepsake = {...this.#keepsake, reply: news.reply, samples: news.samples}
    }
    this.show(news)
  }

  // ------------------------------------------------------------------------------------------- time and microphone

  /** Time passes: the line is woken when it wants, and the microphone hears a frame each 32 ms. */
  #pass(to: number, level = 0): void {
    for (let turns = 0; ; turns++) {
      if (turns > MAX_TURNS) throw new Mismatch(`want the line to go on at ${this.now}, got wake-ups without an end`)
      const frameAt = (this.#position + FRAME_SAMPLES) / CALLER_HZ
      const due = Math.min(wakeAt(this.line) ?? Number.POSITIVE_INFINITY, frameAt)
      if (due > to + 1e-9) break
      this.now = Math.max(this.now, due)
      if (due === frameAt) this.#hear(level)
      else this.feed({kind: 'woke'})
    }
    this.now = Math.max(this.now, to)
  }

  #hear(level: number): void {
    const position = WARM_UP + this.#position
    this.#position += FRAME_SAMPLES
    const pcm = new ArrayBuffer(2 * FRAME_SAMPLES)
    this.feed({kind: 'capture', unsent: 0, message: {kind: 'frame', position, pcm, level}})
  }

  #sent(data: ArrayBuffer): void {
    const position = Number(new DataView(data).getBigUint64(8, true))
    this.sentFrames.push(position)
    if (this.#stalls || position < this.#heard) return
    if (position > this.#heard) this.#hole ??= this.#heard
    this.#heard = position + (data.byteLength - HEADER_BYTES) / 2
  }

  #arrived(to: number): void {
    if (this.#hole !== null) throw new Mismatch(`want the whole microphone, got a hole at ${this.#hole}`)
    if (this.#heard <= to - FRAME_SAMPLES || this.#heard > to) throw new Mismatch(`want ${to}, got ${this.#heard}`)
  }

  #speaks(seconds: number, level: number): void {
    const wasLive = this.line.phase === 'live'
    const [sent, heard] = [this.sentFrames.length, this.#position]
    this.#pass(this.now + seconds, level)
    const frames = (this.#position - heard) / FRAME_SAMPLES
    const more = this.sentFrames.length - sent
    if (wasLive && more < frames) throw new Mismatch(`want ${frames} microphone frames sent, got ${more}`)
  }

  #captured(fields: Json): void {
    const at = WARM_UP + Number(fields['at'] ?? this.#position)
    const defaults = {level: 0, ms: 0, count: 1, far: [], returnLossDb: null, delayMs: null, noiseDbfs: null}
    this.feed({kind: 'capture', unsent: 0, message: {...defaults, ...fields, at} as never})
  }

  // ------------------------------------------------------------------------------------------------------ the page

  #page(fields: Json): void {
    const kind = String(fields['kind'])
    if (kind === 'book') this.#book(String(fields['ticket']), Number(fields['expires_in_s']))
    else if (kind === 'begin') this.show({kind: 'began', mode: modeOf(fields)})
    else if (kind === 'start') this.#start(modeOf(fields))
    else if (kind === 'reload') this.#reload()
    else if (kind === 'ticket') {
      this.feed({kind, ticket: String(fields['ticket']), expiresInS: Number(fields['expires_in_s'])})
    } else if (kind === 'no_ticket') this.feed({kind, final: fields['final'] === true})
    else if (kind === 'pace') {
      this.feed(fields as unknown as LineEvent)
      this.show({kind: 'takes_time', on: fields['pace'] === 'interview'})
    } else if (TO_LINE.has(kind)) this.feed(fields as unknown as LineEvent)
    else if (TO_VIEW.has(kind)) this.show(fields as unknown as ViewEvent)
    else if (TO_BOTH.has(kind)) {
      this.feed({textVersion: '1', lang: 'en', ...fields} as unknown as LineEvent)
      this.show(fields as unknown as ViewEvent)
    } else throw new Mismatch(`want something a page does, got ${kind}`)
  }

  #book(ticket: string, expiresInS: number | null): void {
    this.feed({kind: 'booked', ticket, url: 'wss://talk.example/api/v1/talk', expiresInS})
  }

  #start(mode: 'voice' | 'text', kept?: Keepsake): void {
    if (this.line.ticket === null) this.#book('t1', null)
    this.show({kind: 'began', mode})
    const heard = kept === undefined ? {} : {heard: {reply: kept.reply, samples: kept.samples}}
    const hello = {mode, echo_cancelled: true, lang: 'en', client: 'test'}
    this.feed({kind: 'start', hello, chance: 0.5, ...heard})
  }

  #reload(): void {
    const kept = this.#keepsake
    if (kept === null) throw new Mismatch('want something to come back to, got nothing kept')
    this.line = {...idle, socket: this.line.socket}
    this.view = initial
    this.#socket = this.#asked = null
    this.#book(kept.resume, null)
    this.#start('voice', kept)
  }

  // --------------------------------------------------------------------------------------------------- the gateway

  /** The last words of the gateway go to a socket that the line has closed. */
  get #isOver(): boolean {
    return ['ended', 'replaced', 'lost'].includes(this.line.phase)
  }

  #link(fields: Json): void {
    if ('opens' in fields) {
      this.#opens(String(fields['ticket']))
      return
    }
    this.#stalls = 'stalls' in fields
    if (this.#stalls) return
    const socket = this.#socket ?? this.#asked?.socket
    const code = Number(fields['drops'] ?? fields['closes'])
    this.#socket = this.#asked = null
    if (socket !== undefined) this.feed({kind: 'closed', socket, code}) // otherwise we have closed it by ourselves
  }

  #strays(fields: Json): void {
    if ('text' in fields) this.#comes(String(fields['text']), false)
    else if ('opens' in fields) this.#opens(String(fields['opens']))
    else if ('closes' in fields) {
      if (this.#asked !== null) this.#opens(this.#asked.ticket)
      this.#link(fields)
    } else this.#sound(fields)
  }

  #opens(ticket: string): void {
    const until = this.now + SLACK_S
    while (this.#asked === null) {
      const due = wakeAt(this.line)
      if (due === null || due > until) break
      this.#pass(due)
    }
    const asked = this.#asked
    if (asked?.ticket !== ticket) {
      throw new Mismatch(`want a socket with the ticket ${ticket}, got ${asked?.ticket ?? 'none'}`)
    }
    this.#asked = null
    this.#socket = asked.socket
    this.feed({kind: 'opened', socket: asked.socket})
  }

  #comes(text: string, isMessage: boolean): void {
    if (this.#isOver) return
    const message = decodeGateway(text)
    if (isMessage && message === null) throw new Mismatch(`want a message of the gateway, got ${text}`)
    if (message?.kind === 'reply_done') this.#totals.set(message.reply, message.samples)
    this.feed({kind: 'text', socket: this.#open(text), text})
  }

  #sound({reply, from, to, speaker = 1}: Json): void {
    if (this.#isOver) return
    for (let at = Number(from); at < Number(to) - 1e-6; at += PIECE_S) {
      const samples = Math.round(Math.min(PIECE_S, Number(to) - at) * REPLY_HZ)
      const data = new ArrayBuffer(HEADER_BYTES + 2 * samples)
      const header = new DataView(data)
      header.setUint8(0, 1)
      header.setUint8(1, 2)
      header.setUint16(2, Number(speaker), true)
      header.setUint32(4, Number(reply), true)
      header.setBigUint64(8, BigInt(Math.round(at * REPLY_HZ)), true)
      this.feed({kind: 'binary', socket: this.#open('sound'), data})
    }
  }

  #open(why: string): number {
    if (this.#socket === null) throw new Mismatch(`want an open socket for ${why}, got none`)
    return this.#socket
  }

  #played(reply: number, samples: number): void {
    const kind = this.#totals.get(reply) === samples ? 'finished' : 'played'
    const before = this.sent.length
    this.feed({kind: 'playback', message: {kind, reply, samples, at: WARM_UP + this.#position}})
    const told = this.sent.slice(before).some((message) => matches(message, {kind: 'played', reply, samples}))
    if (this.line.phase === 'live' && !told) throw new Mismatch(`want played ${samples} of reply ${reply} sent`)
  }

  // ------------------------------------------------------------------------------------------- what must have been

  #must(kind: 'caller' | 'playback' | 'tickets', list: readonly unknown[], want: unknown): void {
    const from = this.#found[kind]
    const at = list.findIndex((item, index) => index >= from && matches(item, want))
    if (at < 0) throw new Mismatch(`want ${kind} ${show(want)}, got ${show(list.slice(from).slice(-5))}`)
    this.#found[kind] = at + 1
  }

  #shows(want: Json): void {
    if (matches(this.view, want)) return
    const got = Object.fromEntries(Object.entries(this.view).filter(([name]) => name in want))
    throw new Mismatch(`want the view ${show(want)}, got ${show(got)}`)
  }

  #never(fields: Json): void {
    for (const [key, want] of Object.entries(fields)) {
      const list: readonly unknown[] = key === 'caller' ? this.sent : key === 'playback' ? this.toPlayback : []
      const found = list.find((item) => matches(item, want))
      if (found !== undefined) throw new Mismatch(`want never ${key} ${show(want)}, got ${show(found)}`)
    }
  }
}

const modeOf = ({mode}: Json) => (mode === 'text' ? 'text' : 'voice')
const show = (value: unknown) => JSON.stringify(value)

/** Whether everything that is wanted is there: fields may be missing in `want`, lists agree item by item. */
export function matches(got: unknown, want: unknown): boolean {
  if (typeof want === 'number' && typeof got === 'number') return Math.abs(got - want) <= 0.001
  if (typeof want !== 'object' || want === null) return got === want
  if (typeof got !== 'object' || got === null) return false
  if (Array.isArray(want)) {
    return Array.isArray(got) && got.length === want.length && want.every((item, at) => matches(got[at], item))
  }
  return Object.entries(want).every(([name, value]) => matches((got as Json)[name], value))
}
