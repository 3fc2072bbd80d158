import fc from 'fast-check'
import {expect, test} from 'vitest'
import {decodeReply, encodeMic} from '../../src/core/frames.ts'
import {HEADER_BYTES, VERSION} from '../../src/core/protocol.ts'

const buffer = (bytes: ArrayLike<number>) => Uint8Array.from(bytes).buffer as ArrayBuffer
const hex = (data: ArrayBuffer) => Buffer.from(data).toString('hex')

function replyFrame(speaker: number, reply: number, position: number, pcm: Uint8Array): ArrayBuffer {
  const data = new ArrayBuffer(HEADER_BYTES + pcm.length)
  const view = new DataView(data)
  view.setUint8(0, VERSION)
  view.setUint8(1, 2)
  view.setUint16(2, speaker, true)
  view.setUint32(4, reply, true)
  view.setBigUint64(8, BigInt(position), true)
  new Uint8Array(data).set(pcm, HEADER_BYTES)
  return data
}

const pcm = fc
  .uint8Array({minLength: 2, maxLength: 64})
  .map((bytes) => bytes.slice(0, bytes.length - (bytes.length % 2)))

// Made with vivavoce.wire.caller.encode_frame: Frame(FrameKind.REPLY, 2, 7, 2**33 + 5, b"\x01\x00\xff\x7f") and
// Frame(FrameKind.MIC, 0, 0, 2**40 + 512, b"\x00\x80\x10\x00").
const REPLY_OF_PYTHON = '01020200070000000500000002000000' + '0100ff7f'
const MIC_OF_PYTHON = '01010000000000000002000000010000' + '00801000'

test("Python's reply frames are read", () => {
  const frame = decodeReply(buffer(Buffer.from(REPLY_OF_PYTHON, 'hex')))
  expect(frame).toMatchObject({kind: 'chunk', reply: 7, position: 2 ** 33 + 5})
  expect(hex(frame?.pcm ?? new ArrayBuffer(0))).toBe('0100ff7f')
})

test('microphone frames are those of Python', () => {
  expect(hex(encodeMic(2 ** 40 + 512, buffer([0x00, 0x80, 0x10, 0x00])))).toBe(MIC_OF_PYTHON)
})

test('a reply frame is read as it was written', () => {
  const u16 = fc.integer({min: 0, max: 0xffff})
  const u32 = fc.integer({min: 1, max: 0xffffffff})
  fc.assert(
    fc.property(u16, u32, fc.maxSafeNat(), pcm, (speaker, reply, position, samples) => {
      const frame = decodeReply(replyFrame(speaker, reply, position, samples))
      expect(frame).toMatchObject({kind: 'chunk', reply, position})
      expect(hex(frame?.pcm ?? new ArrayBuffer(0))).toBe(hex(buffer(samples)))
    }),
  )
})

test('a microphone frame keeps its position over all of u53', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), pcm, (position, samples) => {
      const view = new DataView(encodeMic(position, buffer(samples)))
      expect(view.getBigUint64(8, true)).toBe(BigInt(position))
      expect(view.byteLength).toBe(HEADER_BYTES + samples.length)
    }),
  )
})

test('rubbish is no frame, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 80}), (bytes) => {
      const frame = decodeReply(buffer(bytes))
      if (frame === null) return
      expect([bytes[0], bytes[1]]).toEqual([VERSION, 2])
      expect(frame.pcm.byteLength).toBe(bytes.length - HEADER_BYTES)
    }),
  )
})

test.each([
  ['too short', '010202000700000005000000020000'],
  ['without sound', '01020200070000000500000002000000'],
  ['of another version', '02020200070000000500000002000000' + '0100'],
  ['a microphone frame', MIC_OF_PYTHON],
  ['with half a sample', `${REPLY_OF_PYTHON}00`],
  ['of reply 0', '01020200000000000500000002000000' + '0100'],
  ['beyond every position', '010202000700000005000000ffffffff' + '0100'],
])('a frame %s is none', (_, bytes) => {
  expect(decodeReply(buffer(Buffer.from(bytes, 'hex')))).toBeNull()
})
