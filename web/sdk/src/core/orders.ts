// What the worker needs to know of the gateway's messages. The page reads them whole (`messages.ts`); the worker carries
// no table of what it only passes on.

import type {WorkerToPlayback} from '../ports.ts'
import type {Ended, Welcome} from './protocol.ts'

export type Order =
  | Pick<Welcome, 'kind' | 'version' | 'call' | 'resume' | 'at'>
  | Pick<Ended, 'kind'>
  /** For the loudspeaker. */
  | WorkerToPlayback
  /** Anything else: for the page. */
  | {readonly kind: 'other'}

/** Null for what is no message at all, or one of ours that is malformed. */
export function decodeOrder(text: string): Order | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const field = (name: string) => (value as {readonly [name: string]: unknown} | null)?.[name]
  const kind = field('kind')
  const reply = field('reply')
  switch (kind) {
    case 'welcome': {
      const {version = 1, call, resume = '', at = 0} = value as Partial<Welcome>
      return isText(call) && isText(resume) && isCount(at) ? {kind, version, call, resume, at} : null
    }
    case 'hold':
    case 'resume':
    case 'cut':
      return isCount(reply) ? {kind, reply} : null
    case 'reply_done': {
      const samples = field('samples')
      return isCount(reply) && isCount(samples) ? {kind: 'done', reply, samples} : null
    }
    case 'ended':
      return {kind}
    default:
      return isText(kind) ? {kind: 'other'} : null
  }
}

const isText = (value: unknown) => typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
