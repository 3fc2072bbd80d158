// Audio frames: a 16-byte header, little-endian, and PCM16 little-endian mono. Offsets: version u8 at 0, kind u8 at 1,
// speaker u16 at 2, reply u32 at 4, position u64 at 8.

import type {WorkerToPlayback} from '../ports.ts'
import {FRAME_MIC, FRAME_REPLY, HEADER_BYTES, VERSION} from './protocol.ts'

const HIGH = 2 ** 32

/** @param position samples (16 kHz) of the microphone clock before this frame, a whole number below 2^53. */
export function encodeMic(position: number, pcm: ArrayBuffer): ArrayBuffer {
  const data = new ArrayBuffer(HEADER_BYTES + pcm.byteLength)
  const header = new DataView(data)
  header.setUint8(0, VERSION)
  header.setUint8(1, FRAME_MIC)
  header.setUint32(8, position % HIGH, true)
  header.setUint32(12, Math.floor(position / HIGH), true)
  new Uint8Array(data).set(new Uint8Array(pcm), HEADER_BYTES)
  return data
}

/** A piece of a reply, for the loudspeaker. Null for anything else: too short, another version or kind, half a sample, no such position. */
export function decodeReply(data: ArrayBuffer): (WorkerToPlayback & {readonly kind: 'chunk'}) | null {
  if (data.byteLength <= HEADER_BYTES || data.byteLength % 2 !== 0) return null
  const header = new DataView(data)
  if (header.getUint8(0) !== VERSION || header.getUint8(1) !== FRAME_REPLY) return null
  const reply = header.getUint32(4, true)
  const position = header.getUint32(8, true) + header.getUint32(12, true) * HIGH
  if (reply === 0 || !Number.isSafeInteger(position)) return null
  return {kind: 'chunk', reply, position, pcm: data.slice(HEADER_BYTES)}
}
