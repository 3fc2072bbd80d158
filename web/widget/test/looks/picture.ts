// Pictures of screens, small enough to keep: grey, a third of the screen in each direction, sixteen shades. What is
// compared is where things stand. How a letter is drawn is for the browser and its fonts to say, and changes with them.

import {PNG} from 'pngjs'

const SHRINK = 3
const SHADES = 16
/** By how much a spot may be lighter or darker than all that is beside it in the other picture, of 255. */
const TOLERANCE = 32
/** So many spots may be without a likeness: a letter that came out bolder. */
export const MAY_STRAY = 6

export interface Picture {
  readonly width: number
  readonly height: number
  readonly grey: Uint8Array
}

/** Of a picture as it was taken. */
export function shrunk(png: Buffer): Picture {
  const {width: wide, height: high, data} = PNG.sync.read(png)
  const width = Math.floor(wide / SHRINK)
  const height = Math.floor(high / SHRINK)
  const grey = new Uint8Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let row = y * SHRINK; row < (y + 1) * SHRINK; row++)
        for (let column = x * SHRINK; column < (x + 1) * SHRINK; column++) {
          const at = 4 * (row * wide + column)
          sum += 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0)
        }
      grey[y * width + x] = Math.round(sum / SHRINK ** 2)
    }
  return {width, height, grey}
}

function written({width, height}: Picture, shade: (at: number) => number): Buffer {
  const data = Buffer.from(Uint8Array.from({length: width * height}, (_, at) => shade(at)))
  const png = Object.assign(new PNG({width, height}), {data})
  // one byte for a spot, unfiltered: flat paper packs best so
  return PNG.sync.write(png, {colorType: 0, inputColorType: 0, inputHasAlpha: false, filterType: 0, deflateLevel: 9})
}

/** As it is kept. */
export function keepsake(picture: Picture): Buffer {
  const step = 255 / (SHADES - 1)
  return written(picture, (at) => Math.round(Math.round((picture.grey[at] ?? 0) / step) * step))
}

/** Of a picture that was kept. */
export function kept(png: Buffer): Picture {
  const {width, height, data} = PNG.sync.read(png)
  return {width, height, grey: Uint8Array.from({length: width * height}, (_, at) => data[4 * at] ?? 0)}
}

/** Spots of `one` that are like nothing near them in `other`: what stood a few pixels aside is there. */
function unlike(one: Picture, other: Picture): number[] {
  const {width, height} = one
  const found: number[] = []
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let low = 255
      let high = 0
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const shade = other.grey[row * width + column] ?? 0
          low = Math.min(low, shade)
          high = Math.max(high, shade)
        }
      const shade = one.grey[y * width + x] ?? 0
      if (shade < low - TOLERANCE || shade > high + TOLERANCE) found.push(y * width + x)
    }
  return found
}

/** Spots that one picture has and the other has not; null when they are not of a size. */
export function strays(one: Picture, other: Picture): readonly number[] | null {
  if (one.width !== other.width || one.height !== other.height) return null
  return [...new Set([...unlike(one, other), ...unlike(other, one)])]
}

/** The picture in pale, and on it in black what strays. */
export function marked(picture: Picture, found: readonly number[]): Buffer {
  const black = new Set(found)
  return written(picture, (at) => (black.has(at) ? 0 : 160 + Math.round((picture.grey[at] ?? 0) * 0.37)))
}
