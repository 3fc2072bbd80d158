// What an AudioWorkletGlobalScope offers, as far as we use it; no standard library of TypeScript declares it.

/** Frame of the context's clock at which the quantum being rendered begins. */
declare const currentFrame: number
/** Frames per second of the context. */
declare const sampleRate: number

declare class AudioWorkletProcessor {
  readonly port: import('./connect.ts').ProcessorPort
}

interface ProcessorOptions {
  readonly processorOptions?: unknown
}

declare function registerProcessor(
  name: string,
  processor: new (options: ProcessorOptions) => AudioWorkletProcessor,
): void
