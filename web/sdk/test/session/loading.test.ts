import {expect, test} from 'vitest'
import {LOAD_WITHIN_MS, LoadError, type Loading, loadWorker, loadWorklets} from '../../src/session/loading.ts'
import {HandClock, settled} from './time.ts'

/** What a page's policy lets happen, by the beginning of the URL. */
type Policy = {readonly [beginning: string]: 'refused' | 'throws' | 'silent' | undefined}

class FakeWorker {
  onmessage: ((event: MessageEvent<unknown>) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  readonly posted: unknown[] = []
  terminated = false

  constructor(readonly url: string) {}

  postMessage(message: unknown): void {
    this.posted.push(message)
  }

  terminate(): void {
    this.terminated = true
  }

  says(data: unknown): void {
    this.onmessage?.({data} as MessageEvent<unknown>)
  }

  breaks(message: string): void {
    this.onerror?.({message, preventDefault() {}} as ErrorEvent)
  }
}

class FakeLoading implements Loading {
  readonly workers: FakeWorker[] = []
  readonly loaded: string[] = []
  readonly revoked: string[] = []
  module: unknown = {}

  constructor(private readonly policy: Policy) {}

  what(url: string): Policy[string] {
    return this.policy[Object.keys(this.policy).find((beginning) => url.startsWith(beginning)) ?? '']
  }

  worker(url: string): Worker {
    const what = this.what(url)
    if (what === 'throws') throw new DOMException('another origin', 'SecurityError')
    const worker = new FakeWorker(url)
    this.workers.push(worker)
    queueMicrotask(() => {
      if (what === 'refused') worker.breaks('')
      if (what === undefined) worker.says({kind: 'ready'})
    })
    return worker as unknown as Worker
  }

  blobUrl(): string {
    return 'blob:here'
  }

  revoke(url: string): void {
    this.revoked.push(url)
  }

  async load(url: string): Promise<unknown> {
    this.loaded.push(url)
    if (url.endsWith('viva-inline.js')) {
      if (this.what('inline') !== undefined) throw new TypeError('no such file')
      return {audio: 'registerProcessor("…")', worker: 'postMessage({kind: "ready"})'}
    }
    if (this.what(`import ${url}`) !== undefined) throw new TypeError('forbidden')
    return this.module
  }

  /** The worklets of a context under this policy. */
  context() {
    return {
      audioWorklet: {
        addModule: async (url: string) => {
          if (this.what(url) === 'silent') await new Promise(() => {})
          if (this.what(url) !== undefined) throw new DOMException('forbidden', 'AbortError')
        },
      },
    }
  }
}

const ASSETS = 'https://talk.example/static/'

test('the served file comes first, and nothing else is asked for', async () => {
  const loading = new FakeLoading({})
  expect(await loadWorklets(loading.context(), ASSETS, new HandClock(), loading)).toEqual({way: 'file', failures: []})
  const worker = await loadWorker(ASSETS, new HandClock(), loading)
  expect(worker).toMatchObject({way: 'file', failures: []})
  expect(loading.workers.map(({url}) => url)).toEqual([`${ASSETS}viva-worker.js`])
  expect(loading.loaded).toEqual([])
})

test('a blob comes next, and a data URL last; each failure is kept', async () => {
  const blob = new FakeLoading({https: 'refused'})
  expect(await loadWorklets(blob.context(), ASSETS, new HandClock(), blob)).toMatchObject({
    way: 'blob',
    failures: ['file: forbidden'],
  })
  expect(blob.revoked).toEqual(['blob:here'])

  const data = new FakeLoading({https: 'throws', blob: 'refused'})
  const worker = await loadWorker(ASSETS, new HandClock(), data)
  expect(worker).toMatchObject({way: 'data', failures: ['file: another origin', 'blob: the worker was refused']})
  expect(data.workers.at(-1)?.url).toBe('data:text/javascript;charset=utf-8,postMessage(%7Bkind%3A%20%22ready%22%7D)')
  expect(data.workers.map(({terminated}) => terminated)).toEqual([true, false])
})

test('a file that never comes is not waited for', async () => {
  const clock = new HandClock()
  const loading = new FakeLoading({https: 'silent'})
  const worklets = loadWorklets(loading.context(), ASSETS, clock, loading)
  const worker = loadWorker(ASSETS, clock, loading)
  await settled()
  clock.turn(LOAD_WITHIN_MS / 1000)
  expect(await worklets).toEqual({way: 'blob', failures: ['file: nothing came within 10 s']})
  expect(await worker).toMatchObject({way: 'blob', failures: ['file: nothing came within 10 s']})
  expect(loading.workers[0]?.terminated).toBe(true)
})

test('where no worker may run its code runs on the page', async () => {
  const loading = new FakeLoading({https: 'throws', blob: 'throws', data: 'throws'})
  const heard: unknown[] = []
  let stopped = false
  loading.module = {
    serve(port: MessagePort) {
      port.onmessage = ({data}) => port.postMessage({echo: data})
      return () => {
        stopped = true
        port.close()
      }
    },
  }
  const worker = await loadWorker(ASSETS, new HandClock(), loading)
  expect(worker.way).toBe('page')
  expect(worker.failures).toHaveLength(3)
  const answer = new Promise<void>((resolve) => {
    worker.listen(
      (message) => {
        heard.push(message)
        resolve()
      },
      () => {},
    )
  })
  worker.post({kind: 'leave'})
  await answer
  expect(heard).toEqual([{echo: {kind: 'leave'}}])
  worker.stop()
  expect(stopped).toBe(true)
})

test('when no way leads there, every failure is told', async () => {
  const loading = new FakeLoading({https: 'refused', blob: 'refused', inline: 'refused', import: 'refused'})
  await expect(loadWorklets(loading.context(), ASSETS, new HandClock(), loading)).rejects.toMatchObject({
    constructor: LoadError,
    failures: ['file: forbidden', 'blob: no such file', 'data: no such file'],
  })
  await expect(loadWorker(ASSETS, new HandClock(), loading)).rejects.toMatchObject({
    failures: [
      'file: the worker was refused',
      'blob: no such file',
      'data: no such file',
      'page: forbidden',
      'page: no such file',
      'page: no such file',
    ],
  })
  await expect(loadWorklets({}, ASSETS, new HandClock(), loading)).rejects.toThrow('secure context')
})

test('a file of something else is no worker and no inline code', async () => {
  const loading = new FakeLoading({https: 'throws', blob: 'throws', data: 'throws'})
  loading.module = {serve: 'nothing that could be called'}
  await expect(loadWorker(ASSETS, new HandClock(), loading)).rejects.toBeInstanceOf(LoadError)
})

test('a worker that dies later says so once it is listened to, and its messages come through', async () => {
  const loading = new FakeLoading({})
  const worker = await loadWorker(ASSETS, new HandClock(), loading)
  const heard: unknown[] = []
  worker.listen(
    (message) => heard.push(message),
    (why) => heard.push({lost: why}),
  )
  loading.workers[0]?.says({kind: 'heard'})
  loading.workers[0]?.breaks('out of memory')
  expect(heard).toEqual([{kind: 'heard'}, {lost: 'out of memory'}])
  worker.post({kind: 'leave'})
  expect(loading.workers[0]?.posted).toEqual([{kind: 'leave'}])
  worker.stop()
  expect(loading.workers[0]?.terminated).toBe(true)
})
