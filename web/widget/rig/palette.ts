// Screenshots with few colours, as small PNGs: of one byte a pixel instead of four.

import {crc32 as crc, deflateSync} from 'node:zlib'
import {PNG} from 'pngjs'

const COLOURS = 256
/** Bits of a channel by which colours count as the same. */
const KEPT_BITS = 5

/** The same picture in at most 256 colours: the most frequent ones, and for every other the nearest of them. */
export function reduced(png: Buffer): Buffer {
  const {width, height, data} = PNG.sync.read(png)
  const pixels = width * height
  const keys = new Uint32Array(pixels)
  const counts = new Map<number, number>()
  for (let at = 0; at < pixels; at++) {
    const key = data.readUIntBE(at * 4, 3)
    keys[at] = key
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const palette = frequent(counts)
  const places = new Map<number, number>()
  for (const key of counts.keys()) places.set(key, nearest(palette, key))
  const lines = Buffer.alloc((width + 1) * height) // a line begins with its filter: none
  for (let at = 0; at < pixels; at++) lines[at + 1 + Math.floor(at / width)] = places.get(keys[at] ?? 0) ?? 0
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8) // eight bits, a palette
  const colours = Buffer.from(palette.flatMap((key) => [key >> 16, (key >> 8) & 255, key & 255]))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(lines, {level: 9, memLevel: 9})),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Colours that stand for the most pixels; of those that hardly differ the most frequent one. */
function frequent(counts: ReadonlyMap<number, number>): number[] {
  const shift = 8 - KEPT_BITS
  const groups = new Map<number, {count: number; best: number; most: number}>()
  for (const [key, count] of counts) {
    const group = (((key >> 16) >> shift) << 10) | ((((key >> 8) & 255) >> shift) << 5) | ((key & 255) >> shift)
    const known = groups.get(group) ?? {count: 0, best: key, most: 0}
    known.count += count
    if (count > known.most) Object.assign(known, {best: key, most: count})
    groups.set(group, known)
  }
  const all = [...groups.values()].sort((one, other) => other.count - one.count)
  return all.slice(0, COLOURS).map(({best}) => best)
}

function nearest(palette: readonly number[], key: number): number {
  let found = 0
  let least = Infinity
  for (const [place, other] of palette.entries()) {
    const red = (other >> 16) - (key >> 16)
    const green = ((other >> 8) & 255) - ((key >> 8) & 255)
    const blue = (other & 255) - (key & 255)
    const distance = 3 * red * red + 6 * green * green + blue * blue
    if (distance < least) {
      least = distance
      found = place
    }
  }
  return found
}

function chunk(name: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(12 + data.length)
  whole.writeUInt32BE(data.length, 0)
  whole.write(name, 4, 'latin1')
  whole.set(data, 8)
  whole.writeUInt32BE(crc(whole.subarray(4, 8 + data.length)), 8 + data.length)
  return whole
}
