import {PNG} from 'pngjs'
import {expect, test} from 'vitest'
import {keepsake, kept, MAY_STRAY, marked, type Picture, shrunk, strays} from './picture.ts'

type Box = readonly [x: number, y: number, width: number, height: number, shade: number]

const PAPER = 250
const EDGE = 131
const INK = 36
const LETTER: Box = [80, 60, 8, 8, INK]

/** A screen of 240 × 150 with boxes on it, as a browser would take it. */
function taken(...boxes: readonly Box[]): Buffer {
  const png = new PNG({width: 240, height: 150})
  png.data.fill(PAPER)
  for (const [left, top, width, height, shade] of boxes)
    for (let y = top; y < top + height; y++)
      for (let x = left; x < left + width; x++) png.data.fill(shade, 4 * (y * 240 + x), 4 * (y * 240 + x) + 3)
  for (let at = 3; at < png.data.length; at += 4) png.data[at] = 255
  return PNG.sync.write(png)
}

/** A round button that has nothing but an edge, one pixel wide. */
const outlined = (left: number, top: number): Box[] => [
  [left, top, 100, 1, EDGE],
  [left, top + 43, 100, 1, EDGE],
  [left, top, 1, 44, EDGE],
  [left + 99, top, 1, 44, EDGE],
]

const keep = (png: Buffer): Picture => kept(keepsake(shrunk(png)))
const strayed = (was: Buffer, is: Buffer): number => strays(keep(was), shrunk(is))?.length ?? Number.POSITIVE_INFINITY

const was = taken(...outlined(40, 40), LETTER)

test('what is kept is like what was taken', () => {
  expect(keep(was)).toMatchObject({width: 80, height: 50})
  expect(strayed(was, was)).toBe(0)
})

test.each([
  ['a button 8 px to the side', taken(...outlined(48, 40), [88, 60, 8, 8, INK])],
  ['a button 8 px lower', taken(...outlined(40, 48), [80, 68, 8, 8, INK])],
  ['a button that is gone', taken()],
  ['a button that lost its edge', taken(LETTER)],
  ['one button more', taken(...outlined(40, 40), LETTER, ...outlined(40, 95))],
  ['a button full of colour', taken([40, 40, 100, 44, 95])],
])('%s is seen', (_, is) => {
  expect(strayed(was, is)).toBeGreaterThan(MAY_STRAY)
})

test.each([
  ['letters a pixel aside', taken(...outlined(40, 40), [81, 60, 8, 8, INK])],
  ['bolder letters', taken(...outlined(40, 40), [80, 60, 9, 8, INK])],
  ['paler letters', taken(...outlined(40, 40), [80, 60, 8, 8, INK + 30])],
  ['everything a pixel lower', taken(...outlined(40, 41), [80, 61, 8, 8, INK])],
])('%s are let through', (_, is) => {
  expect(strayed(was, is)).toBeLessThanOrEqual(MAY_STRAY)
})

test('pictures of two sizes are not compared', () => {
  expect(strays(keep(was), {width: 80, height: 49, grey: new Uint8Array(80 * 49)})).toBeNull()
})

test('what strays is black on the picture in pale', () => {
  const {grey} = kept(marked(keep(was), [5]))
  expect(grey[5]).toBe(0)
  expect(grey.filter((shade) => shade < 160)).toHaveLength(1)
})
