// The volume meter, apart from what is sent: for eyes, at once, and nothing else depends on it. Any node may be metered:
// `new AudioWorkletNode(context, 'viva-meter', {numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit'})`.
// Posts the level (0..1) about every 25 ms, as long as it is not silence after silence.

import {Meter} from '../audio/meter.ts'

/** Below −80 dBFS there is nothing to be seen. */
const NOTHING = 1e-4

export function registerMeter(): void {
  class MeterProcessor extends AudioWorkletProcessor {
    readonly #meter = new Meter(sampleRate)
    readonly #silence = new Float32Array(128)
    #shown = 0

    process(inputs: readonly (readonly Float32Array[])[]): boolean {
      if (this.#meter.push(inputs[0]?.[0] ?? this.#silence)) {
        const level = this.#meter.level < NOTHING ? 0 : this.#meter.level
        if (level !== this.#shown) this.port.postMessage(level)
        this.#shown = level
      }
      return true
    }
  }
  registerProcessor('viva-meter', MeterProcessor)
}
