// `vivavoce/core`: what the protocol says and what is to be shown of it, as pure functions. For clients of your own, and
// for tests of a page: a view for every state, without a server.

export {decodeReply, encodeMic} from '../sdk/src/core/frames.ts'
export {decodeGateway} from '../sdk/src/core/messages.ts'
export {
  CALLER_HZ,
  type CallerMessage,
  type GatewayMessage,
  REPLY_HZ,
  SUBPROTOCOL,
  TICKET_PREFIX,
  VERSION,
} from '../sdk/src/core/protocol.ts'
export type {ViewEvent} from '../sdk/src/core/signals.ts'
export {initial, step, type View} from '../sdk/src/core/view.ts'
