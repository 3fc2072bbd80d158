// What stands between the microphone and the capture processor: filters and a heavy suppressor, both only if asked for.
import {COMPRESSOR, FILTERS, type FilterPreset} from '../audio/filters.ts'

/** Made when asked for, by a package of its own: a WASM suppressor, say. It connects `source` to what it answers. */
export type Suppressor = (context: AudioContext, source: AudioNode) => Promise<AudioNode>

export interface ChainOptions {
  readonly filter?: FilterPreset
  readonly suppressor?: Suppressor
  /** A suppressor that is not there by then is done without. */
  readonly withinMs?: number
}

export interface Chain {
  /** Connect this to the capture node. */
  readonly output: AudioNode
  /** What could not be loaded, failed or was late; the call goes on without it. */
  readonly notice: 'filter_failed' | 'suppressor_failed' | 'suppressor_late' | null
  /** Undo every connection of ours. */
  close(): void
}

/** The heaviest known is 3 MB; on a line that takes longer the first words are worth more. Not tuned. */
const WITHIN_MS = 5_000

/** `source` → high-pass → low-pass → compressor → suppressor. Never rejects. */
export async function buildChain(context: AudioContext, source: AudioNode, options: ChainOptions = {}): Promise<Chain> {
  const nodes: AudioNode[] = [source]
  const last = () => nodes[nodes.length - 1] ?? source
  if (options.filter !== undefined) {
    for (const node of filterNodes(context, options.filter)) {
      last().connect(node)
      nodes.push(node)
    }
  }
  let notice: Chain['notice'] = null
  if (options.suppressor) {
    const came = await within(options.suppressor, context, last(), options.withinMs ?? WITHIN_MS)
    if (typeof came === 'string') notice = came
    else nodes.push(came)
  }
  return {
    output: last(),
    notice,
    close() {
      for (const node of nodes.splice(0)) node.disconnect()
    },
  }
}

function filterNodes(context: AudioContext, preset: FilterPreset): readonly AudioNode[] {
  const {highpassHz, lowpassHz, ratio} = FILTERS[preset]
  const highest = context.sampleRate / 2
  return [
    new BiquadFilterNode(context, {type: 'highpass', frequency: highpassHz, Q: Math.SQRT1_2}),
    // A headset at 16 kHz has nothing above 8 kHz to be filtered.
    new BiquadFilterNode(context, {type: 'lowpass', frequency: Math.min(lowpassHz, highest), Q: Math.SQRT1_2}),
    new DynamicsCompressorNode(context, {...COMPRESSOR, ratio}),
  ]
}

async function within(
  make: Suppressor,
  context: AudioContext,
  source: AudioNode,
  ms: number,
): Promise<AudioNode | 'suppressor_failed' | 'suppressor_late'> {
  let late = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const making = (async () => make(context, source))()
  const waiting = new Promise<'suppressor_late'>((resolve) => {
    timer = setTimeout(() => {
      late = true
      resolve('suppressor_late')
    }, ms)
  })
  try {
    return await Promise.race([making, waiting])
  } catch {
    return 'suppressor_failed'
  } finally {
    clearTimeout(timer)
    // One that comes too late is fed by nobody.
    if (late) making.then((node) => source.disconnect(node)).catch(() => {})
  }
}
