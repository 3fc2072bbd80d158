// Serves the lab's pages and our own scripts, bundled from the sources: no server of ours is needed to hear a microphone.

import {createServer, type Server} from 'node:http'
import {join, resolve} from 'node:path'
import {type Browser, chromium} from 'playwright-core'
import {bundled} from '../bundled.ts'

const SDK = resolve(import.meta.dirname, '../../..')

const page = (body: string) => `<!doctype html><meta charset="utf-8"><title>Lab</title>${body}`

export class LabSite {
  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  /** `lab` is the path of the page's script, from the folder of the SDK. */
  static async open(lab: string): Promise<LabSite> {
    const scripts = new Map([
      ['/lab.js', await bundled(join(SDK, lab))],
      ['/viva-audio.js', await bundled(join(SDK, 'src/worklets/index.ts'))],
      ['/viva-extras.js', await bundled(join(SDK, 'src/session/extras_file.ts'))],
    ])
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://lab')
      const script = scripts.get(url.pathname)
      response.setHeader('Content-Type', `text/${script === undefined ? 'html' : 'javascript'}; charset=utf-8`)
      response.setHeader('Access-Control-Allow-Origin', '*')
      // ?frame=URL&allow=…&sandbox=… embeds another page of ours
      const frame = url.searchParams.get('frame')
      const attributes = ['allow', 'sandbox'].map((name) => {
        const value = url.searchParams.get(name)
        return value === null ? '' : ` ${name}="${value}"`
      })
      if (script !== undefined) response.end(script)
      else if (frame !== null) response.end(page(`<iframe src="${frame}"${attributes.join('')}></iframe>`))
      else response.end(page('<script type="module" src="/lab.js"></script>'))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('want a site that listens')
    return new LabSite(server, address.port)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  /** A page of another origin that embeds ours. */
  embedding(attributes: {readonly allow?: string; readonly sandbox?: string} = {}): string {
    return `http://localhost:${this.port}/?${new URLSearchParams({frame: this.url, ...attributes})}`
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}

/** A browser whose microphone hears a WAV file again and again, and which plays without being asked to. */
export function listening(wav: string): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${wav}`,
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
}
