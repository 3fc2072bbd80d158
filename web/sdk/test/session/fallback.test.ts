import {afterEach, describe, expect, it, vi} from 'vitest'
import {scriptProcessors} from '../../src/session/fallback.ts'
import {FakeNode} from './nodes.ts'

const RATE = 48_000

class FakeScript extends FakeNode {
  onaudioprocess: ((event: unknown) => void) | null = null
  readonly input = new Float32Array(4096)
  readonly output = new Float32Array(4096)

  constructor(readonly inputs: number) {
    super('script')
  }

  /** The browser hands over a block. */
  run(playbackTime: number): void {
    this.onaudioprocess?.({
      inputBuffer: {getChannelData: () => this.input},
      outputBuffer: {getChannelData: () => this.output},
      playbackTime,
    })
  }
}

const destination = new FakeNode('destination')
const context = {
  sampleRate: RATE,
  destination,
  createScriptProcessor: (_size: number, inputs: number) => new FakeScript(inputs),
} as unknown as AudioContext

type Made = AudioWorkletNode & FakeScript
const options = {numberOfInputs: 1, numberOfOutputs: 0}

const opened: MessagePort[] = []
afterEach(() => {
  for (const port of opened.splice(0)) port.close()
})

async function make(process: (inputs: Float32Array[][], outputs: Float32Array[][], frame: number) => void) {
  const scope = globalThis as unknown as {
    AudioWorkletProcessor: new () => {port: MessagePort}
    registerProcessor(name: string, made: unknown): void
    sampleRate: number
    currentFrame: number
  }
  const rates: number[] = []
  const makeNode = await scriptProcessors(context, async () => {
    class Echo extends scope.AudioWorkletProcessor {
      constructor() {
        super()
        rates.push(scope.sampleRate)
        opened.push(this.port)
        this.port.onmessage = ({data}) => this.port.postMessage(data)
      }

      process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
        process(inputs, outputs, scope.currentFrame)
        return true
      }
    }
    scope.registerProcessor('echo', Echo)
  })
  return {makeNode, rates}
}

describe('processors without worklets', () => {
  it('are run in quanta, at their frames, from the script of the worklets', async () => {
    const frames: number[] = []
    const {makeNode, rates} = await make((inputs, outputs, frame) => {
      frames.push(frame)
      expect(inputs).toHaveLength(1)
      expect(inputs[0]?.[0]).toHaveLength(128)
      expect(outputs).toEqual([])
    })
    const node = makeNode(context, 'echo', options) as Made
    expect(rates).toEqual([RATE])
    expect(node.to).toEqual([destination])
    node.run(0)
    expect(frames).toEqual(Array.from({length: 32}, (_, k) => k * 128))
    // the browser's time trembles
    node.run((4096 + 400) / RATE)
    expect(frames.at(32)).toBe(4096)
    // a block was lost
    node.run((3 * 4096) / RATE)
    expect(frames.at(64)).toBe(3 * 4096)
  })

  it('write what is played', async () => {
    const {makeNode} = await make((inputs, outputs) => {
      expect(inputs).toEqual([])
      outputs[0]?.[0]?.fill(0.25)
    })
    const node = makeNode(context, 'echo', {numberOfInputs: 0, outputChannelCount: [1]}) as Made
    expect(node.to).toEqual([])
    node.run(0)
    expect(node.output.every((x) => x === 0.25)).toBe(true)
  })

  it('have ports of their own', async () => {
    const {makeNode} = await make(() => {})
    const node = makeNode(context, 'echo', options)
    opened.push(node.port)
    const answer = new Promise((resolve) => {
      node.port.onmessage = ({data}) => resolve(data)
    })
    node.port.postMessage('hello')
    expect(await answer).toBe('hello')
  })

  it('leave nothing in the page’s scope', async () => {
    const before = Object.getOwnPropertyNames(globalThis).sort()
    const {makeNode} = await make(() => {})
    const node = makeNode(context, 'echo', options) as Made
    node.run(0)
    expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before)
    await expect(scriptProcessors(context, () => Promise.reject(new Error('404')))).rejects.toThrow('404')
    expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before)
  })

  it('say that they broke, and are not run again', async () => {
    let runs = 0
    const {makeNode} = await make(() => {
      runs++
      throw new Error('broken')
    })
    const node = makeNode(context, 'echo', options) as Made
    const broke = vi.fn()
    node.onprocessorerror = broke
    node.run(0)
    node.run(0.1)
    expect(broke).toHaveBeenCalledOnce()
    expect(runs).toBe(1)
  })

  it('are known by name', async () => {
    const {makeNode} = await make(() => {})
    expect(() => makeNode(context, 'eccho', options)).toThrow('want one of echo, got eccho')
  })
})
