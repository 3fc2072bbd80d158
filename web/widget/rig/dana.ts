// Dana, as simulated callers know her (`examples/guests/dana.yaml`), asked line by line.

import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {resolve} from 'node:path'
import {createInterface} from 'node:readline'
import type {Readable, Writable} from 'node:stream'

const ROOT = resolve(import.meta.dirname, '../../..')

/** What she says; null when nothing was asked. */
export type Answer = {readonly say: string; readonly topic: string; readonly sort: string} | null

export class Dana {
  readonly #lines: AsyncIterator<string>

  private constructor(private readonly process: ChildProcessByStdio<Writable, Readable, null>) {
    this.#lines = createInterface({input: process.stdout})[Symbol.asyncIterator]()
  }

  static open(): Dana {
    const script = resolve(import.meta.dirname, 'guest.py')
    const about = resolve(ROOT, 'examples/guests/dana.yaml')
    const python = resolve(ROOT, '.venv/bin/python')
    return new Dana(spawn(python, [script, about], {stdio: ['pipe', 'pipe', 'inherit']}))
  }

  /** @throws Error when she is not there. */
  async hear(text: string): Promise<Answer> {
    this.process.stdin.write(`${JSON.stringify(text)}\n`)
    const {value, done} = await this.#lines.next()
    if (done) throw new Error('want an answer of the guest, got none')
    return JSON.parse(value)
  }

  close(): void {
    this.process.stdin.end()
  }
}
