// Sound for a fake microphone, spoken by flite when the tests run.

import {execFile} from 'node:child_process'
import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'

const HEADER = 44

/** PCM16 mono as a WAV file. */
export function wav(samples: Int16Array, rate: number): Buffer {
  const head = Buffer.alloc(HEADER)
  head.write('RIFF', 0)
  head.writeUInt32LE(HEADER - 8 + samples.byteLength, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.byteLength, 40)
  return Buffer.concat([head, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)])
}

/** A WAV file of silence. */
export async function silence(folder: string): Promise<string> {
  const path = join(folder, 'silence.wav')
  await writeFile(path, wav(new Int16Array(16_000), 16_000))
  return path
}

/**
 * A WAV file in which somebody says something after a silence, and is silent then.
 * @param afterS seconds of silence before; Chromium begins to play it with each `getUserMedia`.
 */
export async function spoken(folder: string, text: string, afterS: number): Promise<string> {
  const raw = join(folder, 'spoken.wav')
  await promisify(execFile)('flite', ['-voice', 'rms', '-t', text, '-o', raw])
  const file = await readFile(raw)
  const rate = file.readUInt32LE(24)
  const speech = file.subarray(file.indexOf('data') + 8)
  const said = new Int16Array(speech.length >> 1).map((_, index) => speech.readInt16LE(index * 2))
  const whole = new Int16Array(Math.round(rate * afterS) + said.length + rate)
  whole.set(said, Math.round(rate * afterS))
  const path = join(folder, `after-${afterS}.wav`)
  await writeFile(path, wav(whole, rate))
  return path
}
