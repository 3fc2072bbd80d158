// Where there are no worklets (browsers of before 2021): the very same processors on the page's own thread, each fed by a
// ScriptProcessorNode. A stalled page is heard then; blocks are so long that only long stalls are. Loaded when needed.

/** 85 ms at 48 kHz. Of the sizes only this one lost nothing when the page stood still for 200 ms at a time. */
const BLOCK = 4096
const QUANTUM = 128

interface Processor {
  process(inputs: readonly Float32Array[][], outputs: readonly Float32Array[][]): boolean
}
type ProcessorClass = new (options: AudioWorkletNodeOptions) => Processor

/** Makes what `new AudioWorkletNode(context, name, options)` would. @throws RangeError an unknown name. */
export type MakeNode = (context: AudioContext, name: string, options: AudioWorkletNodeOptions) => AudioWorkletNode

/**
 * Teach the page the processors of one context.
 * @param load evaluates the script of the worklets, anew each time: the processors share what it makes.
 */
export async function scriptProcessors(context: AudioContext, load: () => Promise<unknown>): Promise<MakeNode> {
  const classes = new Map<string, ProcessorClass>()
  let port: MessagePort | null = null
  class AudioWorkletProcessor {
    readonly port = port
  }
  const {sampleRate} = context
  // What the script finds in the scope of a worklet, for as long as it runs.
  const scope = {sampleRate, AudioWorkletProcessor, registerProcessor: classes.set.bind(classes)}
  const enter = (currentFrame: number) => Object.assign(globalThis, scope, {currentFrame})
  const leave = () => {
    for (const name of [...Object.keys(scope), 'currentFrame']) Reflect.deleteProperty(globalThis, name)
  }
  enter(0)
  try {
    await load()
  } finally {
    leave()
  }

  return (_, name, options) => {
    const made = classes.get(name)
    if (!made) throw new RangeError(`want one of ${[...classes.keys()].join(', ')}, got ${name}`)
    const {numberOfInputs = 1, numberOfOutputs = 1} = options
    const node = context.createScriptProcessor(BLOCK, numberOfInputs, 1)
    const channel = new MessageChannel()
    const inside = <Result>(frame: number, work: () => Result): Result => {
      enter(frame)
      try {
        return work()
      } finally {
        leave()
      }
    }
    port = channel.port2
    const processor = inside(0, () => new made(options))
    const grafted = Object.assign(node, {
      port: channel.port1,
      onprocessorerror: null as ((event: Event) => void) | null,
    })
    let counted = 0
    node.onaudioprocess = ({inputBuffer, outputBuffer, playbackTime}) => {
      // `playbackTime` trembles by some ms from block to block; only a lost block moves it by more.
      const told = Math.round(playbackTime * sampleRate)
      const begin = Math.abs(told - counted) < BLOCK / 2 ? counted : told
      counted = begin + BLOCK
      const input = numberOfInputs > 0 ? inputBuffer.getChannelData(0) : null
      const output = outputBuffer.getChannelData(0)
      try {
        for (let at = 0; at < BLOCK; at += QUANTUM) {
          const inputs = input ? [[input.subarray(at, at + QUANTUM)]] : []
          const outputs = numberOfOutputs > 0 ? [[output.subarray(at, at + QUANTUM)]] : []
          inside(begin + at, () => processor.process(inputs, outputs))
        }
      } catch {
        node.onaudioprocess = null
        grafted.onprocessorerror?.(new Event('processorerror'))
      }
    }
    // One that is connected to nothing is not run.
    if (numberOfOutputs === 0) node.connect(context.destination)
    return grafted as unknown as AudioWorkletNode
  }
}
