// A processor of ours: it hears the worker through a port of their own, which the page sends through the node's,
// `node.port.postMessage({kind: 'connect'}, [port])`, and takes no further part in. What comes through these ports is what
// our own page and worker post: they have narrowed whatever came from elsewhere.

import type {Port} from '../ports.ts'

/** What the page says to a processor. */
export type PageToProcessor =
  /** A later port takes the place of the one before (a worker that was started anew). */
  | {readonly kind: 'connect'}
  /** To the microphone's: another one is connected, and its echo canceller begins anew. */
  | {readonly kind: 'renew'}
  /** The end: the last samples go out and the processor is done. */
  | {readonly kind: 'stop'}

/** `processor.port` as far as we use it. */
export interface ProcessorPort {
  postMessage(message: unknown): void
  onmessage: ((event: {readonly data: PageToProcessor; readonly ports: readonly Port<never, never>[]}) => void) | null
}

type Channels = readonly Float32Array[]

/** What a processor does. */
export interface Part<In> {
  /** The worker says something. */
  receive(message: In): void
  /** A quantum begins at `currentFrame`. */
  quantum(inputs: readonly Channels[], outputs: readonly Channels[]): void
  renew?(): void
  stop(): void
}

/** @param make is handed the node's `processorOptions`, and what it tells the worker if there is one. */
export function register<In, Out, Options>(
  name: string,
  make: (options: Options, tell: (message: Out, transfer?: readonly ArrayBuffer[]) => void) => Part<In>,
): void {
  class Processor extends AudioWorkletProcessor {
    readonly #part: Part<In>
    #on = true

    constructor({processorOptions}: ProcessorOptions) {
      super()
      let worker: Port<Out, In> | undefined
      const part = make((processorOptions ?? {}) as Options, (message, transfer) =>
        worker?.postMessage(message, transfer),
      )
      this.#part = part
      this.port.onmessage = ({data: {kind}, ports}) => {
        if (kind === 'connect') {
          if (worker) worker.onmessage = null
          worker = ports[0] as Port<Out, In> | undefined
          if (worker) worker.onmessage = ({data}) => part.receive(data)
        } else if (kind === 'renew') part.renew?.()
        else if (kind === 'stop') {
          this.#on = false
          part.stop()
        }
      }
    }

    process(inputs: readonly Channels[], outputs: readonly Channels[]): boolean {
      if (this.#on) this.#part.quantum(inputs, outputs)
      return this.#on
    }
  }
  registerProcessor(name, Processor)
}
