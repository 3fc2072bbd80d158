// Gets the worklets and the worker running under whatever policy a page has. A served file comes first, because strict
// policies allow nothing else; a blob next, for pages of other origins and opaque ones, where no worker may be a file;
// a data URL last, for browsers that refuse blobs in frames. Each failure is kept, for who asks why it became so.

import {type Clock, within} from './clock.ts'
import {field} from './narrow.ts'

/** `page`: a worker's code on the page's own thread, where no worker may run. */
export type Way = 'file' | 'blob' | 'data' | 'page'

export interface Loaded {
  readonly way: Way
  /** What was tried before, in order. */
  readonly failures: readonly string[]
}

/** A worker that runs; the worker's code on the page's thread looks the same. */
export interface LoadedWorker extends Loaded {
  post(message: unknown, transfer?: readonly Transferable[]): void
  /** Messages of the worker, and at most once why it died. Nothing comes before this was called. */
  listen(heard: (message: unknown) => void, lost: (why: string) => void): void
  stop(): void
}

export class LoadError extends Error {
  constructor(
    what: string,
    readonly failures: readonly string[],
  ) {
    super(`want ${what}, got ${failures.join('; ')}`)
  }
}

/** The browser as far as loading goes. */
export interface Loading {
  worker(url: string): Worker
  blobUrl(code: string): string
  revoke(url: string): void
  /** Load a module. */
  load(url: string): Promise<unknown>
}

/** Long enough for a slow line to bring 20 kB; who waits longer has left. Not tuned. */
export const LOAD_WITHIN_MS = 10_000

export const browserLoading: Loading = {
  worker: (url) => new Worker(url, {type: 'module', name: 'vivavoce'}),
  blobUrl: (code) => URL.createObjectURL(new Blob([code], {type: 'text/javascript'})),
  revoke: (url) => URL.revokeObjectURL(url),
  load: (url) => import(/* @vite-ignore */ /* webpackIgnore: true */ url),
}

type Attempt<T> = readonly [way: Way, run: () => Promise<T>]

/**
 * Teach an audio context our processors.
 *
 * @param assets the folder of the served files, ending in a slash.
 * @throws LoadError
 */
export async function loadWorklets(
  context: {readonly audioWorklet?: {addModule(url: string): Promise<void>}},
  assets: string,
  clock: Clock,
  loading: Loading,
): Promise<Loaded> {
  const worklet = context.audioWorklet
  if (worklet === undefined) throw new LoadError('audio worklets', ['none here: want a secure context (https)'])
  const [loaded] = await firstOf(
    'the audio worklets loaded',
    ways(assets, 'audio', (url) => within(worklet.addModule(url), LOAD_WITHIN_MS, clock), loading),
  )
  return loaded
}

/**
 * Start the worker of a call.
 *
 * @param assets the folder of the served files, ending in a slash.
 * @throws LoadError
 */
export async function loadWorker(assets: string, clock: Clock, loading: Loading): Promise<LoadedWorker> {
  const [loaded, worker] = await firstOf('the worker started', [
    ...ways(assets, 'worker', (url) => started(url, clock, loading), loading),
    ...ways(assets, 'worker', (url) => onPage(url, clock, loading), loading).map(
      ([, run]): Attempt<Running> => ['page', run],
    ),
  ])
  return {...loaded, ...worker}
}

function ways<T>(
  assets: string,
  which: 'audio' | 'worker',
  run: (url: string) => Promise<T>,
  loading: Loading,
): Attempt<T>[] {
  const code = async () => text(await loading.load(`${assets}viva-inline.js`), which)
  return [
    ['file', () => run(`${assets}viva-${which}.js`)],
    [
      'blob',
      async () => {
        const url = loading.blobUrl(await code())
        try {
          return await run(url)
        } finally {
          loading.revoke(url)
        }
      },
    ],
    ['data', async () => run(`data:text/javascript;charset=utf-8,${encodeURIComponent(await code())}`)],
  ]
}

function text(module: unknown, name: string): string {
  const value = field(module, name)
  if (typeof value !== 'string') throw new Error(`want the code of ${name} in viva-inline.js, got ${typeof value}`)
  return value
}

async function firstOf<T>(what: string, attempts: readonly Attempt<T>[]): Promise<[Loaded, T]> {
  const failures: string[] = []
  for (const [way, run] of attempts) {
    try {
      const got = await run()
      return [{way, failures}, got]
    } catch (error) {
      failures.push(`${way}: ${error instanceof Error ? error.message : 'refused'}`)
    }
  }
  throw new LoadError(what, failures)
}

type Running = Omit<LoadedWorker, keyof Loaded>

/** A worker of this URL, once it has said that it is ready: a policy may refuse one by an event only. */
function started(url: string, clock: Clock, loading: Loading): Promise<Running> {
  const worker = loading.worker(url)
  let lost = (_why: string) => {}
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = ({data}: MessageEvent<unknown>) => {
      if (field(data, 'kind') === 'ready') resolve()
    }
    lost = (why) => reject(new Error(why))
  })
  worker.onerror = (event) => {
    event.preventDefault()
    lost(event.message || 'the worker was refused')
  }
  return within(ready, LOAD_WITHIN_MS, clock).then(
    () => ({
      post: (message, transfer) => worker.postMessage(message, [...(transfer ?? [])]),
      listen: (heard, gone) => {
        worker.onmessage = ({data}: MessageEvent<unknown>) => heard(data)
        lost = gone
      },
      stop: () => worker.terminate(),
    }),
    (error: unknown) => {
      worker.terminate()
      throw error
    },
  )
}

async function onPage(url: string, clock: Clock, loading: Loading): Promise<Running> {
  const serve = field(await within(loading.load(url), LOAD_WITHIN_MS, clock), 'serve')
  if (typeof serve !== 'function') throw new Error('want a worker that can be served on the page, got another file')
  const {port1, port2} = new MessageChannel()
  const stop: unknown = serve(port2)
  return {
    post: (message, transfer) => port1.postMessage(message, [...(transfer ?? [])]),
    listen: (heard) => {
      port1.onmessage = ({data}: MessageEvent<unknown>) => heard(data)
    },
    stop: () => {
      if (typeof stop === 'function') stop()
      port1.close()
    },
  }
}
