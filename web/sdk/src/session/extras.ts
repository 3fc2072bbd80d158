// What few calls need, kept out of every page: a file of its own, loaded when it is asked for.

import type {buildChain, Chain} from './chain.ts'
import type {Clock} from './clock.ts'
import type {MakeNode, scriptProcessors} from './fallback.ts'
import {type Loading, loadWorklets} from './loading.ts'
import type {VoiceHost} from './voice.ts'

/** What `viva-extras.js` exports (`extras_file.ts`). */
interface Extras {
  readonly buildChain: typeof buildChain
  readonly scriptProcessors: typeof scriptProcessors
}

/**
 * The browser as a voice needs it: with worklets or, where there are none, with the same processors on the page.
 * @param assets the folder of the served files, ending in a slash.
 */
export function withExtras(
  host: Omit<VoiceHost, 'worklets' | 'chain'>,
  assets: string,
  clock: Clock,
  loading: Loading,
): VoiceHost {
  const extras = async () => (await loading.load(`${assets}viva-extras.js`)) as Extras
  let make: MakeNode = host.node
  let evaluated = 0
  return {
    ...host,
    async chain(context, source, options = {}) {
      const plain: Chain = {output: source, notice: null, close() {}}
      if (!options.filter && !options.suppressor) return plain
      try {
        return (await extras()).buildChain(context, source, options)
      } catch {
        return {...plain, notice: 'filter_failed'}
      }
    },
    async worklets(context) {
      if (context.audioWorklet !== undefined) return loadWorklets(context, assets, clock, loading)
      const {scriptProcessors} = await extras()
      // another address each time: a module is evaluated once
      make = await scriptProcessors(context, () => loading.load(`${assets}viva-audio.js?${++evaluated}`))
      return {way: 'page', failures: ['file: no worklets here']}
    },
    node: (...asked) => make(...asked),
  }
}
