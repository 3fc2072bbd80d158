// The gateway's control messages, read in the worker: JSON with a `kind`.

import type {Fields, GatewayMessage, Shape} from './protocol.ts'
import {GATEWAY} from './protocol.ts'

/** What was sent by the gateway, every default filled in; null for anything outside the protocol. */
export function decodeGateway(text: string): GatewayMessage | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const kind = isRecord(value) ? value['kind'] : undefined
  if (!isKind(kind)) return null
  const fields = narrow(value, {fields: GATEWAY[kind]})
  return isRecord(fields) ? ({kind, ...fields} as GatewayMessage) : null // the table was made from the very type
}

function isKind(kind: unknown): kind is GatewayMessage['kind'] {
  return typeof kind === 'string' && Object.hasOwn(GATEWAY, kind)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as far as the shape knows it; undefined when it is of another shape. */
function narrow(value: unknown, shape: Shape): unknown {
  if (typeof shape !== 'string') {
    if ('fields' in shape) return isRecord(value) ? narrowFields(value, shape.fields) : undefined
    if ('oneOf' in shape) return typeof value === 'string' && shape.oneOf.includes(value) ? value : undefined
    if (!Array.isArray(value)) return undefined
    const items = value.map((item, at) => narrow(item, 'list' in shape ? shape.list : (shape.tuple[at] ?? 'any')))
    const whole = 'list' in shape || items.length === shape.tuple.length
    return whole && !items.includes(undefined) ? items : undefined
  }
  switch (shape) {
    case 'text':
      return typeof value === 'string' ? value : undefined
    case 'number':
      return Number.isFinite(value) ? value : undefined // JSON's 1e999 is Infinity
    case 'whole':
      return Number.isSafeInteger(value) && Number(value) >= 0 ? value : undefined // it counts something
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'any':
      return value
  }
}

function narrowFields(value: Readonly<Record<string, unknown>>, fields: Fields): unknown {
  const known: Record<string, unknown> = {}
  for (const [name, [shape, byDefault]] of Object.entries(fields)) {
    const given = value[name]
    const field = given === undefined ? byDefault : narrow(given, shape)
    if (field === undefined) return undefined
    known[name] = field
  }
  return known
}
