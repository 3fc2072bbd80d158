import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {buildChain, type ChainOptions} from '../../src/session/chain.ts'
import {FakeAudioContext, FakeNode} from './nodes.ts'

class Biquad extends FakeNode {
  constructor(
    _: unknown,
    readonly options: {type: string; frequency: number},
  ) {
    super(options.type)
  }
}

class Compressor extends FakeNode {
  constructor(
    _: unknown,
    readonly options: object,
  ) {
    super('compressor')
  }
}

beforeEach(() => {
  vi.stubGlobal('BiquadFilterNode', Biquad)
  vi.stubGlobal('DynamicsCompressorNode', Compressor)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function build(options?: ChainOptions, rate = 48_000) {
  const source = new FakeNode('source')
  const chain = await buildChain(
    new FakeAudioContext(rate) as unknown as AudioContext,
    source as unknown as AudioNode,
    options,
  )
  const nodes: FakeNode[] = [source]
  for (let node = source.to[0]; node instanceof FakeNode; node = node.to[0]) nodes.push(node)
  return {source, chain, nodes, output: chain.output as unknown as FakeNode}
}

describe('chain', () => {
  it('is nothing when nothing is asked for', async () => {
    const {source, chain, output} = await build()
    expect(output).toBe(source)
    expect(chain.notice).toBeNull()
  })

  it('is high-pass, low-pass and compressor with the numbers of the preset', async () => {
    const {nodes, chain, output} = await build({filter: 'medium'})
    expect(nodes.map((it) => it.name)).toEqual(['source', 'highpass', 'lowpass', 'compressor'])
    expect(nodes[1]).toMatchObject({options: {frequency: 90}})
    expect(nodes[2]).toMatchObject({options: {frequency: 9_000}})
    expect(nodes[3]).toMatchObject({options: {ratio: 8, threshold: -24}})
    expect(output).toBe(nodes[3])
    chain.close()
    expect(nodes.every((it) => it.to.length === 0)).toBe(true)
  })

  it('asks no filter for more than half the rate', async () => {
    const {nodes} = await build({filter: 'light'}, 16_000)
    expect(nodes[2]).toMatchObject({options: {frequency: 8_000}})
  })

  it('ends with the suppressor, which hears what was filtered', async () => {
    const made = new FakeNode('suppressor')
    const {nodes, output, chain} = await build({
      filter: 'light',
      suppressor: async (_, source) => source.connect(made as unknown as AudioNode),
    })
    expect(nodes.map((it) => it.name).slice(-2)).toEqual(['compressor', 'suppressor'])
    expect(output).toBe(made)
    expect(chain.notice).toBeNull()
  })

  it('waits for no clock once the suppressor is there', async () => {
    vi.useFakeTimers()
    await build({suppressor: async (_, source) => source})
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    ['rejects', async () => Promise.reject(new Error('no such file'))],
    [
      'throws',
      () => {
        throw new Error('no WebAssembly')
      },
    ],
  ])('does without a suppressor that %s, and says so', async (_, suppressor) => {
    const {source, output, chain} = await build({suppressor})
    expect(output).toBe(source)
    expect(chain.notice).toBe('suppressor_failed')
  })

  it('does without a suppressor that is late, and undoes it when it comes', async () => {
    vi.useFakeTimers()
    const made = new FakeNode('suppressor')
    let come = () => {}
    const source = new FakeNode('source')
    const building = buildChain(new FakeAudioContext() as unknown as AudioContext, source as unknown as AudioNode, {
      suppressor: async (_, from) => {
        await new Promise<void>((resolve) => {
          come = resolve
        })
        return from.connect(made as unknown as AudioNode)
      },
    })
    await vi.advanceTimersByTimeAsync(5_000)
    const chain = await building
    expect(chain.notice).toBe('suppressor_late')
    expect(chain.output).toBe(source)
    come()
    await vi.advanceTimersByTimeAsync(0)
    expect(source.to).toEqual([])
  })
})
