// What went over a call's socket, in the words of its protocol.

import type {CallerMessage, GatewayMessage} from '../../src/core/protocol.ts'
import type {Message} from './proxy.ts'

type Any = CallerMessage | GatewayMessage
/** Fields that have their default are left out on the wire. */
export type Said<K extends Any['kind']> = {readonly kind: K} & Partial<Extract<Any, {kind: K}>>

/** The control messages of one kind, in order. */
export function said<K extends Any['kind']>(messages: readonly Message[], kind: K): Said<K>[] {
  const all = messages.flatMap((message) => ('text' in message ? [JSON.parse(message.text)] : []))
  return all.filter((message) => message.kind === kind)
}

export type Frame = {
  readonly at: number
  readonly reply: number
  readonly position: number
  readonly pcm: Int16Array
}

/** The audio frames, in order. */
export function frames(messages: readonly Message[]): Frame[] {
  return messages.flatMap((message) => {
    if (!('data' in message)) return []
    const {data, at} = message
    const pcm = new Int16Array((data.length - 16) >> 1).map((_, index) => data.readInt16LE(16 + index * 2))
    return [{at, reply: data.readUInt32LE(4), position: Number(data.readBigUInt64LE(8)), pcm}]
  })
}

/** Where samples of the microphone's clock are missing or come twice, as `[position, expected]`. */
export function breaks(messages: readonly Message[]): (readonly [number, number])[] {
  const all = frames(messages)
  return all.flatMap(({position}, index) => {
    const before = all[index - 1]
    if (before === undefined) return []
    const expected = before.position + before.pcm.length
    return position === expected ? [] : [[position, expected] as const]
  })
}
