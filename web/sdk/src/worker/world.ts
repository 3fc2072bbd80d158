// What the worker's part of a call has of the browser; tests hand in their own.

import type {
  CaptureToWorker,
  PageToWorker,
  PlaybackToWorker,
  WorkerToCapture,
  WorkerToPage,
  WorkerToPlayback,
} from '../ports.ts'

/** The page's port: `postMessage` of a worker, or one half of a channel on the page. */
export interface PagePort {
  postMessage(message: WorkerToPage): void
  onmessage: ((event: {readonly data: PageToWorker; readonly ports: readonly unknown[]}) => void) | null
}

/** A processor's port. */
export interface SoundPort<Out, In> {
  postMessage(message: Out, transfer?: Transferable[]): void
  onmessage: ((event: {readonly data: In}) => void) | null
  close(): void
}
export type CapturePort = SoundPort<WorkerToCapture, CaptureToWorker>
export type PlaybackPort = SoundPort<WorkerToPlayback, PlaybackToWorker>

/** A WebSocket as far as we use it. */
export interface Socket {
  binaryType: string
  readonly bufferedAmount: number
  onopen: (() => void) | null
  onclose: ((event: {readonly code: number}) => void) | null
  onmessage: ((event: {readonly data: unknown}) => void) | null
  send(data: string | ArrayBuffer): void
  close(): void
}

/** What a worker has of the browser. */
export interface World {
  /** Seconds that never go back. */
  now(): number
  /** @returns to be called if it is not wanted any more. */
  after(ms: number, ring: () => void): () => void
  /** @throws for an address or a protocol that is none, or that a policy forbids. */
  socket(url: string, protocols: readonly string[]): Socket
  ask(url: string, request: RequestInit): Promise<Response>
}

export const browserWorld: World = {
  now: () => performance.now() / 1000,
  after: (ms, ring) => {
    const timer = setTimeout(ring, ms)
    return () => clearTimeout(timer)
  },
  socket: (url, protocols) => new WebSocket(url, [...protocols]) as Socket,
  ask: (url, request) => fetch(url, request),
}
