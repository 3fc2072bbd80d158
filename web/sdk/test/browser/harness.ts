// A real server, a real browser and the page between them. Whatever was started ends with `close`, also after a failure.

import {type ChildProcess, spawn} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {createInterface} from 'node:readline'
import {type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page} from 'playwright-core'
import {CuttingProxy} from './proxy.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** Chromium asks nobody for anything while it is tested. */
const QUIET = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--use-fake-device-for-media-stream',
]

/** Two questions that the embedded model asks and understands without a key. */
export const AGENT = `\
spec: 1
name: two-questions
title: Two questions
speakers:
  alex: {voice: warm-baritone, role: Asks the first question}
  maya: {voice: calm-mezzo, role: Asks the second question}
objectives:
  first:
    by: alex
    ask: How bad is it, from zero to ten?
    collect: {severity: 0..10!}
  second:
    by: maya
    ask: What price do you have in mind?
    collect: {price: money!}
limits: {minutes: 5, idle: 30s}
consent: {disclose: spoken, record: never, keep: 1d}
`

/** Whatever is to be undone at the end, the newest first. */
class Undoing {
  #steps: (() => unknown)[] = []

  add(step: () => unknown): void {
    this.#steps.push(step)
  }

  async run(): Promise<void> {
    const steps = this.#steps.reverse()
    this.#steps = []
    const failed: unknown[] = []
    for (const step of steps) {
      try {
        await step()
      } catch (error) {
        failed.push(error)
      }
    }
    if (failed.length > 0) throw failed[0]
  }
}

/** `viva serve` behind a proxy that can be cut. Pages reach it by the proxy. */
export class House {
  readonly #undoing = new Undoing()
  #process: ChildProcess | null = null
  /** What the server has written to its log. */
  log = ''

  private constructor(
    readonly folder: string,
    readonly proxy: CuttingProxy,
    private readonly settings: NodeJS.ProcessEnv,
  ) {}

  /** @param agents texts of agent files by name, beside `two-questions`. */
  static async open(agents: {readonly [name: string]: string} = {}, settings: NodeJS.ProcessEnv = {}): Promise<House> {
    const folder = await mkdtemp(join(tmpdir(), 'viva-browser-'))
    const house = new House(folder, await CuttingProxy.open(0), settings)
    house.#undoing.add(() => rm(folder, {recursive: true, force: true, maxRetries: 3}))
    house.#undoing.add(() => house.proxy.close())
    for (const [name, text] of Object.entries({'two-questions': AGENT, ...agents}))
      await writeFile(join(folder, `${name}.yaml`), text)
    house.#undoing.add(() => house.stop())
    try {
      await house.start()
    } catch (error) {
      await house.close()
      throw error
    }
    return house
  }

  get url(): string {
    return `http://127.0.0.1:${this.proxy.port}`
  }

  /** @throws Error with what the server said, if it does not come up. */
  async start(): Promise<void> {
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VIVA_')))
    // it ends with the tests, however those end
    const server = spawn('setpriv', ['--pdeathsig', 'TERM', join(ROOT, '.venv/bin/viva'), 'serve', '--port', '0'], {
      cwd: this.folder,
      env: {
        ...own,
        VIVA_AGENTS_DIR: this.folder,
        VIVA_DATA_DIR: join(this.folder, 'data'),
        VIVA_WORKERS: '0',
        ...this.settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = server
    server.stderr.on('data', (chunk) => {
      this.log += chunk
    })
    for await (const line of createInterface({input: server.stdout})) {
      const port = /^listening on http:\/\/[^:]+:(\d+)/.exec(line)?.[1]
      if (port === undefined) continue
      this.proxy.target = Number(port)
      server.stdout.resume()
      return
    }
    throw new Error(`want a server that listens, got:\n${this.log}`)
  }

  /** End the server, with a word to its callers or, when it is to look like a crash, without. */
  async stop(how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const server = this.#process
    this.#process = null
    if (server === null || server.exitCode !== null || server.signalCode !== null) return
    const gone = new Promise((done) => server.once('exit', done))
    server.kill(how)
    const late = setTimeout(() => server.kill('SIGKILL'), 10_000)
    await gone
    clearTimeout(late)
  }

  close(): Promise<void> {
    return this.#undoing.run()
  }
}

/**
 * A browser whose microphone is fake.
 * @param wav what it hears, once from each time on that it is opened; beeps without.
 * @param others arguments of its own.
 */
export function launch(wav?: string, others: readonly string[] = []): Promise<Browser> {
  const heard = wav === undefined ? [] : [`--use-file-for-fake-audio-capture=${wav}%noloop`]
  const args = [...QUIET, ...heard, ...others]
  return chromium.launch({executablePath: CHROMIUM, headless: true, args, env: {...process.env, LANGUAGE: 'en'}})
}

/** A visitor: a profile of its own, and whatever goes wrong on its pages. */
export class Visitor {
  readonly problems: string[] = []

  private constructor(readonly context: BrowserContext) {}

  static async of(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
    const visitor = new Visitor(await browser.newContext({permissions: ['microphone'], ...options}))
    visitor.context.on('page', (page) => visitor.#watch(page))
    return visitor
  }

  async open(url: string): Promise<Page> {
    const page = await this.context.newPage()
    await page.goto(url)
    return page
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.problems.push(`${message.text()} ${message.location().url}`)
    })
  }

  /**
   * Leave, and see that nothing went wrong but what was expected.
   * @throws Error with what did.
   */
  async close(...expected: RegExp[]): Promise<void> {
    await this.context.close()
    const others = this.problems.filter((text) => !expected.some((pattern) => pattern.test(text)))
    if (others.length > 0) throw new Error(`want no errors on the page, got:\n${others.join('\n')}`)
  }
}

/** Counts, in every page of a visitor, what a call holds of the browser, and can take its microphone away. */
export async function watchDevices(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const tracks: MediaStreamTrack[] = []
    const contexts: AudioContext[] = []
    const {mediaDevices} = navigator
    if (mediaDevices === undefined) return // the empty page before the first
    const open = mediaDevices.getUserMedia.bind(mediaDevices)
    let plugged = true
    mediaDevices.getUserMedia = async (wanted) => {
      if (!plugged) throw new DOMException('Requested device not found', 'NotFoundError')
      const stream = await open(wanted)
      tracks.push(...stream.getTracks())
      return stream
    }
    const devices = mediaDevices.enumerateDevices.bind(mediaDevices)
    mediaDevices.enumerateDevices = async () => (plugged ? devices() : [])
    const Native = globalThis.AudioContext
    globalThis.AudioContext = class extends Native {
      constructor(options?: AudioContextOptions) {
        super(options)
        contexts.push(this)
      }
    }
    Object.assign(globalThis, {
      held: () => ({
        tracks: tracks.filter((track) => track.readyState === 'live').length,
        contexts: contexts.filter((each) => each.state !== 'closed').length,
      }),
      unplug: () => {
        plugged = false
        for (const track of tracks) {
          track.stop() // by itself this tells nobody
          track.dispatchEvent(new Event('ended'))
        }
        mediaDevices.dispatchEvent(new Event('devicechange'))
      },
    })
  })
}

/** What is held in a page that is watched. */
export function held(page: Page): Promise<{readonly tracks: number; readonly contexts: number}> {
  return page.evaluate('held()')
}

/** A site of somebody else, which serves pages that embed ours: another port is another origin. */
export class Site {
  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  /** @param pages HTML or scripts by path; `headers` go with each. */
  static async open(
    pages: {readonly [path: string]: string},
    headers: {readonly [name: string]: string} = {},
  ): Promise<Site> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://site').pathname
      const page = pages[path]
      response.writeHead(page === undefined ? 204 : 200, {
        'Content-Type': path.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8',
        ...headers,
      })
      response.end(page ?? '')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('want a site that listens')
    return new Site(`http://localhost:${address.port}`, server)
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}
