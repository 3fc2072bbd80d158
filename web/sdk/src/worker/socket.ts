// Carries between the page, the gateway and both processors of the sound; decides nothing. Runs in a worker, so that a
// page that stands still stops neither the microphone nor the loudspeaker; on the page's own thread only where no worker
// may run. Whatever is thrown here is told to the page, and the call goes on.
// Messages through the ports are of our own page and processors, of the same version; what comes from elsewhere is
// narrowed by who hears it first: the page by its own, the gateway's by the line.

import {idle, type Line, step, wakeAt} from '../core/line.ts'
import type {LineEffect, LineEvent} from '../core/signals.ts'
import type {PageToWorker} from '../ports.ts'
import {type Delay, Lateness} from './lateness.ts'
import {Link} from './link.ts'
import {exchange} from './tickets.ts'
import {browserWorld, type CapturePort, type PagePort, type PlaybackPort, type World} from './world.ts'

/** Timers of browsers hold 31 bits of ms; waking once more costs nothing. */
const LONGEST_SLEEP_S = 3_600
const ABNORMAL = 1006

/** @returns ends it: closes the socket and the ports. */
export function serve(page: PagePort, world: World = browserWorld): () => void {
  const shell = new Shell(page, world)
  return () => shell.stop()
}

class Shell {
  #line: Line = idle
  readonly #waiting: LineEvent[] = []
  #carrying = false
  #link: Link | null = null
  readonly #lateness = new Lateness()
  /** Where tickets are asked for: the server of the call. */
  #server = ''
  #capture: CapturePort | null = null
  #playback: PlaybackPort | null = null
  #due: number | null = null
  #forgetWake = () => {}
  #stopped = false

  constructor(
    private readonly page: PagePort,
    private readonly world: World,
  ) {
    page.onmessage = ({data, ports}) => this.#guard(() => this.#hear(data, ports))
    page.postMessage({kind: 'ready'})
  }

  stop(): void {
    this.#stopped = true
    this.page.onmessage = null
    this.#forgetWake()
    this.#unlink()
    this.#disconnect()
  }

  #hear(message: PageToWorker, ports: readonly unknown[]): void {
    if (message.kind === 'connect') this.#connect(ports[0] as CapturePort, ports[1] as PlaybackPort)
    else if (message.kind === 'disconnect') this.#disconnect()
    else {
      if (message.kind === 'booked') this.#server = new URL(message.url.replace(/^ws/, 'http')).origin
      this.#feed(message)
    }
  }

  #connect(capture: CapturePort, playback: PlaybackPort): void {
    this.#disconnect()
    this.#capture = capture
    this.#playback = playback
    capture.onmessage = ({data}) =>
      this.#guard(() => {
        const unsent = this.#link?.look() ?? 0
        this.#feed({kind: 'capture', message: data, unsent})
        if (data.kind === 'frame') {
          const endsAt = data.position + data.pcm.byteLength / 2
          this.#delayed(this.#lateness.frame(endsAt, unsent, this.world.now()))
        }
      })
    playback.onmessage = ({data}) =>
      this.#guard(() => {
        this.#feed({kind: 'playback', message: data})
        if (data.kind === 'fault' && data.what === 'underrun') this.#delayed(this.#lateness.ranDry(this.world.now()))
      })
    this.#lateness.restart()
    this.#feed({kind: 'connected'})
  }

  #disconnect(): void {
    for (const port of [this.#capture, this.#playback]) {
      if (port === null) continue
      port.onmessage = null
      port.close()
    }
    this.#capture = null
    this.#playback = null
  }

  #delayed(delay: Delay | null): void {
    if (delay !== null) this.#feed({kind: 'fault', ...delay})
  }

  /** An effect may lead to the next event at once: events are taken one after the other. */
  #feed(event: LineEvent): void {
    this.#waiting.push(event)
    if (this.#carrying) return
    this.#carrying = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const taken = next
      this.#guard(() => {
        const [line, effects] = step(this.#line, taken, this.world.now())
        this.#line = line
        for (const effect of effects) this.#guard(() => this.#do(effect))
      })
    }
    this.#carrying = false
    this.#rearm()
  }

  #do(effect: LineEffect): void {
    switch (effect.kind) {
      case 'open':
        this.#open(effect.socket, effect.url, effect.protocols)
        break
      case 'close':
        if (this.#link?.number === effect.socket) this.#unlink()
        break
      case 'send':
        if (this.#link?.number === effect.socket) this.#link.send(effect.data)
        break
      case 'to_playback':
        this.#playback?.postMessage(effect.message, effect.message.kind === 'chunk' ? [effect.message.pcm] : [])
        break
      case 'to_capture':
        this.#capture?.postMessage(effect.message)
        break
      case 'fetch_ticket':
        void exchange(this.#server, effect.ticket, this.world).then((event) => this.#take(event))
        break
      case 'tell':
        this.page.postMessage(effect.news)
        break
    }
  }

  #open(number: number, url: string, protocols: readonly string[]): void {
    this.#unlink()
    try {
      this.#link = new Link(number, url, protocols, this.world, (event) => {
        if (event.kind === 'text' || event.kind === 'binary') this.#lateness.received(this.world.now())
        if (event.kind === 'closed') this.#link = null
        this.#take(event)
      })
    } catch {
      this.#feed({kind: 'closed', socket: number, code: ABNORMAL})
    }
  }

  #unlink(): void {
    const link = this.#link
    this.#link = null
    this.#guard(() => link?.drop())
  }

  // ------------------------------------------------------------------------------------------------------- the rest

  /** What comes by itself: nobody is there to catch what it throws. */
  #take(event: LineEvent): void {
    if (!this.#stopped) this.#guard(() => this.#feed(event))
  }

  #rearm(): void {
    const due = this.#stopped ? null : wakeAt(this.#line)
    if (due === this.#due) return
    this.#forgetWake()
    this.#due = due
    if (due === null) return
    const sleepS = Math.min(LONGEST_SLEEP_S, Math.max(0, due - this.world.now()))
    this.#forgetWake = this.world.after(sleepS * 1000, () => {
      this.#due = null
      this.#guard(() => this.#feed({kind: 'woke'}))
    })
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      // the name alone: a message might hold what somebody said
      this.page.postMessage({kind: 'broke', what: error instanceof Error ? error.name : 'Error'})
    }
  }
}
