// The volume meter, apart from what is sent: for eyes, at once, and nothing else depends on it. Any node may be metered:
// `new AudioWorkletNode(context, 'viva-meter', {numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit'})`.
// Posts the level (0..1) about every 25 ms, as long as it is not silence after silence; with `processorOptions: {bands: true}`
// the level and the bands of a voice in a row.

import {VoiceBands} from '../audio/bands.ts'
import {Meter} from '../audio/meter.ts'

/** Below −80 dBFS there is nothing to be seen. */
const NOTHING = 1e-4

export function registerMeter(): void {
  class MeterProcessor extends AudioWorkletProcessor {
    readonly #meter = new Meter(sampleRate)
    readonly #bands: VoiceBands | null
    readonly #silence = new Float32Array(128)
    #shown = 0
    /** How far open the bands were when they were shown, together. */
    #open = 0

    constructor(options: ProcessorOptions) {
      super()
      const {bands} = (options.processorOptions ?? {}) as {readonly bands?: boolean}
      this.#bands = bands ? new VoiceBands(sampleRate) : null
    }

    process(inputs: readonly (readonly Float32Array[])[]): boolean {
      const samples = inputs[0]?.[0] ?? this.#silence
      this.#bands?.push(samples)
      if (this.#meter.push(samples)) this.#show(this.#meter.level < NOTHING ? 0 : this.#meter.level)
      return true
    }

    #show(level: number): void {
      const bands = this.#bands?.open
      const open = bands?.reduce((sum, band) => sum + band) ?? 0
      if (level === this.#shown && open === this.#open) return
      this.#shown = level
      this.#open = open
      this.port.postMessage(bands ? [level, ...bands] : level)
    }
  }
  registerProcessor('viva-meter', MeterProcessor)
}
