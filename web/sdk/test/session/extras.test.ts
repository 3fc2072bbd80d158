import {expect, it} from 'vitest'
import type {Clock} from '../../src/session/clock.ts'
import {withExtras} from '../../src/session/extras.ts'
import type {Loading} from '../../src/session/loading.ts'
import {browserVoiceHost, type VoiceHost} from '../../src/session/voice.ts'
import {FakeNode} from './nodes.ts'

const clock: Clock = {now: () => 0, after: () => () => {}}
const source = new FakeNode('source') as unknown as AudioNode
const filtered = new FakeNode('filtered') as unknown as AudioNode
const context = (worklet: unknown) => ({audioWorklet: worklet}) as unknown as AudioContext

function lab(extras: unknown) {
  const loaded: string[] = []
  const loading = {
    load: async (url: string) => {
      loaded.push(url)
      if (url.startsWith('/s/viva-extras.js') && extras === null) throw new Error('404')
      return extras
    },
  } as unknown as Loading
  const native: string[] = []
  const node = ((_: AudioContext, name: string) => {
    native.push(name)
    return new FakeNode(name)
  }) as unknown as VoiceHost['node']
  const host = withExtras({...Object.create(browserVoiceHost), startMs: 0, node}, '/s/', clock, loading)
  return {host, loaded, native}
}

it('loads nothing for a call that wants nothing', async () => {
  const {host, loaded, native} = lab(null)
  expect(await host.chain(context({}), source, {})).toMatchObject({output: source, notice: null})
  expect(await host.worklets(context({addModule: async () => {}}))).toEqual({way: 'file', failures: []})
  host.node(context({}), 'viva-capture', {})
  expect(native).toEqual(['viva-capture'])
  expect(loaded).toEqual([])
})

it('loads the filters for a call that wants them', async () => {
  const {host, loaded} = lab({buildChain: async () => ({output: filtered, notice: null, close() {}})})
  expect(await host.chain(context({}), source, {filter: 'light'})).toMatchObject({output: filtered})
  expect(loaded).toEqual(['/s/viva-extras.js'])
})

it('does without filters that cannot be loaded, and says so', async () => {
  const {host} = lab(null)
  expect(await host.chain(context({}), source, {filter: 'light'})).toMatchObject({
    output: source,
    notice: 'filter_failed',
  })
})

it('runs the processors on the page where there are no worklets, each context with its own', async () => {
  const made = new FakeNode('script')
  const extras = {
    scriptProcessors: async (_: unknown, load: () => Promise<unknown>) => {
      await load()
      return () => made
    },
  }
  const {host, loaded, native} = lab(extras)
  for (const _ of [1, 2]) expect(await host.worklets(context(undefined))).toMatchObject({way: 'page'})
  expect(host.node(context(undefined), 'viva-capture', {})).toBe(made)
  expect(native).toEqual([])
  expect(loaded.filter((url) => url.includes('audio'))).toEqual(['/s/viva-audio.js?1', '/s/viva-audio.js?2'])
})

it('fails where neither is to be had', async () => {
  await expect(lab(null).host.worklets(context(undefined))).rejects.toThrow('404')
})
