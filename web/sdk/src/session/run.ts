// One call from the gesture to the end: microphone, booking, worker, and what the page lives through meanwhile. All that
// it takes of the browser is released as a whole, whenever and wherever it ends.

import type {Pace} from '../core/protocol.ts'
import {LEAVE_WITHIN_S} from '../core/reconnect.ts'
import type {Keepsake, PageEvent, PageTrouble, TalkMode, ViewEvent} from '../core/signals.ts'
import type {PageToWorker, WorkerToPage} from '../ports.ts'
import {type Booked, book, type NotBooked, socketOf} from './booking.ts'
import {watchContext} from './disturbances.ts'
import {withExtras} from './extras.ts'
import {Holdings, LeftError} from './holdings.ts'
import type {Host} from './host.ts'
import type {Shelf} from './keeping.ts'
import {watchLife} from './lifecycle.ts'
import {type Loaded, type LoadedWorker, loadWorker} from './loading.ts'
import type {CallOptions} from './options.ts'
import {bounded} from './page_context.ts'
import {microphoneTold, soundTold} from './told.ts'
import {Voice, type VoiceNews} from './voice.ts'

/** Options with their defaults. */
export type Settings = CallOptions & {readonly server: string; readonly assets: string; readonly lang: string}

/** How the parts of a call came to run, for who asks why it became so. */
export interface Health {
  readonly worker: Loaded | null
  readonly audio: Loaded | null
  /** Names of errors that were thrown where nobody expected any. */
  readonly broken: readonly string[]
}

/** The agent's last words: a gateway is at most some 2 s ahead of what is heard. */
const LAST_WORDS_WITHIN_MS = 5_000
/** A worker that died gets so many successors; what dies again is no accident. */
const RESTARTS = 2
/** So many errors of one worker are a call that does not work. Not tuned. */
const MAX_THROWN = 10

export class Run {
  readonly #settings: Settings
  readonly #ticket: string | undefined
  readonly #shelf: Shelf
  readonly #host: Host
  readonly #tell: (event: ViewEvent) => void
  readonly #holdings = new Holdings()
  #mode: TalkMode
  #voice: Voice | null = null
  #worker: LoadedWorker | null = null
  /** The worker that takes the caller's leave to the server; else that would wait for the caller to come back. */
  #messenger: LoadedWorker | null = null
  #audio: Loaded | null = null
  /** Channels that wait for the worker. */
  #ports: readonly [MessagePort, MessagePort] | null = null
  #begun = false
  #spent = false
  #muted = false
  #taking = false
  #pace: Pace['pace'] | undefined
  #audible = 0
  #finishing = false
  readonly #unsaid: PageEvent[] = []
  #restarts = 0
  /** Errors of this worker. */
  #thrown = 0
  readonly #broken: string[] = []

  constructor(
    settings: Settings,
    ticket: string | undefined,
    shelf: Shelf,
    host: Host,
    tell: (event: ViewEvent) => void,
  ) {
    this.#settings = settings
    this.#ticket = ticket
    this.#shelf = shelf
    this.#host = host
    this.#tell = tell
    this.#mode = settings.mode ?? 'voice'
  }

  get over(): boolean {
    return this.#holdings.over
  }

  /** Only the agent's last words are still heard. */
  get ended(): boolean {
    return this.#finishing
  }

  /** The ticket was handed on: it opens a socket once. */
  get spent(): boolean {
    return this.#spent
  }

  get health(): Health {
    const worker = this.#worker && {way: this.#worker.way, failures: this.#worker.failures}
    return {worker, audio: this.#voice?.loaded ?? this.#audio, broken: this.#broken}
  }

  /** The devices of the call; null in text mode. */
  get voice(): Voice | null {
    return this.#voice
  }

  // -------------------------------------------------------------------------------------------------- the beginning

  /** In the gesture. Never rejects: what fails is told. */
  async start(): Promise<void> {
    try {
      this.#tell({kind: 'began', mode: this.#mode})
      this.#tell({kind: 'sound', state: 'ok'}) // what was found in the call before is found anew
      this.#tell({kind: 'microphone', state: 'off'})
      const heard = this.#mode === 'voice' ? this.#speak() : Promise.resolve(false)
      this.#holdings.add(() => this.#voice?.close())
      const worker = this.#load()
      worker.catch(() => {}) // it is awaited below, maybe after the caller has left
      await this.#holdings.take(heard)
      this.#holdings.add(this.#shelf.use())
      const kept = this.#shelf.recall()
      this.#shelf.keep(kept) // what is too old is thrown away; the rest must outlive another reload before the welcome
      const ticket = kept ? this.#booked(kept.resume) : await this.#holdings.take(this.#book())
      if (ticket.kind === 'not_booked') return this.#give(ticket.trouble)
      await this.#holdings.take(worker)
      watchLife(
        this.#holdings,
        this.#host,
        (event) => this.send(event),
        () => this.#shelf.store(),
      )
      this.#holdings.add(this.#host.watchPage((fault) => this.send({kind: 'fault', ...fault})))
      this.#begin(ticket, kept)
    } catch (error) {
      if (!(error instanceof LeftError)) this.#give('load_failed', error)
    }
  }

  async #load(): Promise<void> {
    const loaded = await this.#holdings.take(
      loadWorker(this.#settings.assets, this.#host.clock, this.#host.loading),
      (worker) => {
        if (worker !== this.#messenger) worker.stop()
      },
    )
    this.#worker = loaded
    this.#thrown = 0
    // one that was stopped may have messages and errors on their way
    loaded.listen(
      (message) => this.#worker === loaded && this.#hear(message),
      (why) => this.#worker === loaded && void this.#restart(why),
    )
  }

  async #book(): Promise<Booked | NotBooked> {
    const {server, agent, pass} = this.#settings
    if (this.#ticket !== undefined) return this.#booked(this.#ticket)
    if (!agent) return {kind: 'not_booked', trouble: 'refused'}
    return book(server, {agent, ...(pass && {pass})}, this.#host.clock, this.#host.ask)
  }

  /** Leave to open the socket; how long it holds is not known. */
  #booked(ticket: string): Booked {
    return {kind: 'booked', ticket, url: socketOf(this.#settings.server), expiresInS: null}
  }

  /** The worker is there, and so is leave to open the socket. */
  #begin(booked: Booked, kept: Keepsake | null): void {
    const {lang} = this.#settings
    const pace = this.#pace
    const context = bounded(this.#settings.context)
    const voice = this.#mode === 'voice' ? this.#voice : null
    const client = `viva-web worker=${this.#worker?.way} audio=${voice?.loaded?.way ?? 'none'}`
    const hello = {mode: this.#mode, echo_cancelled: voice?.cancelled ?? false, lang, client}
    const more = {...(pace && {pace}), ...(context && {context})}
    this.#begun = this.#spent = true
    this.#post(booked)
    // before the microphone is connected
    if (this.#muted) this.#post({kind: 'mute', on: true})
    if (this.#taking) this.#post({kind: 'half_duplex', on: true})
    if (this.#ports !== null) this.#connect(...this.#ports)
    this.#ports = null
    const heard = kept && {heard: {reply: kept.reply, samples: kept.samples}}
    this.#post({kind: 'start', hello: {...hello, ...more}, chance: this.#host.chance(), ...heard})
    for (const event of this.#unsaid.splice(0)) this.#post(event)
  }

  // ------------------------------------------------------------------------------------------------ what callers do

  /** What the caller did goes to the gateway, now or once the worker is there. */
  say(event: PageEvent & {readonly kind: 'type' | 'correct' | 'consent'}): void {
    if (this.#begun) this.#post(event)
    else this.#unsaid.push(event)
  }

  /** What only the worker wants to know, if there is one. */
  send(event: PageEvent): void {
    if (this.#begun) this.#post(event)
  }

  mute(on: boolean): void {
    this.#muted = on
    this.send({kind: 'mute', on})
  }

  takeTurns(on: boolean): void {
    this.#taking = on
    this.send({kind: 'half_duplex', on})
  }

  takeTime(on: boolean): void {
    this.#pace = on ? 'interview' : 'casual'
    this.send({kind: 'pace', pace: this.#pace})
  }

  /** The old is released before the new begins. Voice in a gesture. */
  async setMode(mode: TalkMode): Promise<void> {
    if (mode === this.#mode || this.over) return
    if (mode === 'text') {
      this.#toText()
      this.#tell({kind: 'microphone', state: 'off'})
      this.#tell({kind: 'sound', state: 'ok'})
      return
    }
    this.#mode = mode
    this.#tell({kind: 'mode', mode})
    if (!(await this.#speak())) return
    this.send({kind: 'mode', mode})
  }

  leave(): void {
    const worker = this.#worker
    this.#shelf.keep(null)
    if (worker !== null && this.#begun && !this.over) {
      this.#messenger = worker
      worker.listen(
        () => {},
        () => {},
      )
      this.#post({kind: 'leave'})
      this.#host.clock.after(LEAVE_WITHIN_S * 1000, () => worker.stop())
    }
    this.#holdings.release()
  }

  // ------------------------------------------------------------------------------------------------------ the sound

  /** Whether there is voice now. Voice that fails now or later leaves the call in text, with its reasons told. */
  async #speak(): Promise<boolean> {
    const sounding = watchContext(
      (fault) => this.send({kind: 'fault', ...fault}),
      () => this.#host.clock.now() * 1000,
    )
    const news: VoiceNews = {
      microphone: (state) => this.#tell(microphoneTold(state)),
      sound: (state) => {
        this.#tell(soundTold(state))
        sounding(state.kind === 'ok')
      },
      ports: (capture, playback) => this.#connect(capture, playback),
      without: (what) => {
        if (!this.#broken.includes(what)) this.#broken.push(what)
      },
      failed: (what) => {
        this.#broken.push(what)
        this.#toText()
      },
    }
    const {voice: browser, clock, loading} = this.#host
    const voice = new Voice(this.#settings, news, withExtras(browser, this.#settings.assets, clock, loading))
    this.#voice = voice
    try {
      return await voice.open()
    } catch (error) {
      if (error instanceof LeftError) return false
      throw error
    }
  }

  #toText(): void {
    this.#audio = this.#voice?.loaded ?? this.#audio
    this.#voice?.close()
    this.#voice = null
    this.#ports = null
    if (this.#mode === 'text') return
    this.#mode = 'text'
    this.#tell({kind: 'mode', mode: 'text'})
    this.send({kind: 'mode', mode: 'text'})
    if (this.#begun) this.#post({kind: 'disconnect'})
    this.#hear({kind: 'audible', reply: 0})
  }

  #connect(capture: MessagePort, playback: MessagePort): void {
    if (this.#begun && this.#worker !== null) this.#post({kind: 'connect'}, [capture, playback])
    else this.#ports = [capture, playback]
  }

  // ----------------------------------------------------------------------------------------------------- the worker

  #post(message: PageToWorker, transfer: readonly Transferable[] = []): void {
    this.#worker?.post(message, transfer)
  }

  /** Our own worker says it, of our own version; what it says beyond that is passed over here or by the view. */
  #hear(message: unknown): void {
    const news = message as WorkerToPage | null
    if (!news?.kind || news.kind === 'ready') return
    if (news.kind === 'broke') {
      this.#broken.push(news.what)
      this.#thrown += 1
      if (this.#thrown >= MAX_THROWN) void this.#restart('too many errors')
      return
    }
    if (news.kind === 'keep') this.#shelf.keep(news.keepsake)
    if (news.kind === 'heard') this.#shelf.heard(news.reply, news.samples)
    if (news.kind === 'audible') this.#sounds(news.reply)
    this.#tell(news)
    if (news.kind === 'line' && FINAL.has(news.phase)) this.#finish()
  }

  /** A worker that died has a successor, which comes back to the call as after a reload. */
  async #restart(why: string): Promise<void> {
    this.#broken.push(why)
    const kept = this.#shelf.keepsake
    this.#worker?.stop()
    this.#worker = null
    this.#restarts += 1
    if (this.over) return
    if (this.#restarts > RESTARTS || kept === null || !this.#begun) return this.#give('crashed')
    try {
      this.#begun = false
      await this.#load()
      this.#voice?.offerPorts()
      this.#begin(this.#booked(kept.resume), kept)
    } catch (error) {
      if (!(error instanceof LeftError)) this.#give('crashed', error)
    }
  }

  // ----------------------------------------------------------------------------------------------------- the end

  #give(trouble: PageTrouble, error?: unknown): void {
    if (error instanceof Error) this.#broken.push(error.message)
    this.#tell({kind: 'trouble', trouble})
    this.#holdings.release()
  }

  /** The call is over: nobody listens any more, but what the agent said last is heard to its end. */
  #finish(): void {
    this.#voice?.closeMicrophone()
    this.#finishing = true
    if (this.#audible === 0) this.#holdings.release()
    else this.#holdings.add(this.#host.clock.after(LAST_WORDS_WITHIN_MS, () => this.#holdings.release()))
  }

  #sounds(reply: number): void {
    this.#audible = reply
    if (reply === 0 && this.#finishing) this.#holdings.release()
  }
}

const FINAL: ReadonlySet<string> = new Set(['ended', 'lost', 'replaced'])
