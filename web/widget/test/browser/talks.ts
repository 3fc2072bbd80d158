// A server of talks as far as a page sees it before a call: the built files, a card, and pages of others around it.

import {createServer, type Server, type ServerResponse} from 'node:http'
import {make} from '../../../files.mjs'
import {CARD} from '../gallery/states.ts'

interface Answer {
  readonly status?: number
  readonly type?: string
  readonly headers?: {readonly [name: string]: string}
  readonly body: string
}

export class Talks {
  /** Paths that were asked for, in order. */
  readonly asked: string[] = []
  /** Answers by path; what is set here comes first. Null: the connection is cut. */
  readonly answers = new Map<string, Answer | null>()

  private constructor(
    private readonly server: Server,
    private readonly files: Readonly<Record<string, string>>,
  ) {}

  static async open(): Promise<Talks> {
    const files = await make()
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://talks').pathname
      talks.asked.push(path)
      talks.#answer(path, response)
    })
    const talks = new Talks(server, files)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return talks
  }

  get url(): string {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('want a server that listens')
    return `http://127.0.0.1:${address.port}`
  }

  /** A page of somebody else's, of another origin. `{embed}` is the loader. */
  page(body: string, headers: {readonly [name: string]: string} = {}): string {
    const whole = `<!doctype html><html lang="en"><link rel="icon" href="data:,">${body}`
    this.answers.set('/page', {type: 'text/html', headers, body: whole.replace('{embed}', this.embed)})
    return `${this.url.replace('127.0.0.1', 'localhost')}/page`
  }

  get embed(): string {
    return `<script src="${this.url}/static/embed.js"></script>`
  }

  /** Nothing of what was asked or answered before counts any more. */
  forget(): void {
    this.asked.length = 0
    this.answers.clear()
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }

  #answer(path: string, response: ServerResponse): void {
    const found = this.answers.get(path)
    if (found === null) return void response.destroy()
    const {status = 200, type = 'application/json', headers = {}, body} = found ?? this.#usual(path)
    response.writeHead(status, {'content-type': type, 'access-control-allow-origin': '*', ...headers})
    response.end(body)
  }

  #usual(path: string): Answer {
    const file = this.files[path.replace('/static/', '')]
    if (file !== undefined) return {type: path.endsWith('.css') ? 'text/css' : 'text/javascript', body: file}
    if (path === '/api/v1/card') return {body: JSON.stringify(CARD)}
    return {status: 404, body: '{}'}
  }
}
