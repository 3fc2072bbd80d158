import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {lines} from '../../src/face/geometry.ts'
import {POSES} from '../../src/face/motion.ts'
import {STILL_PATH} from '../../src/face/still.ts'

const NUMBER = String.raw`-?\d+(\.\d+)?`
const LENS = new RegExp(`^M${NUMBER} ${NUMBER}(C(${NUMBER} ){5}${NUMBER}){2}Z$`)
const unit = fc.double({min: 0, max: 1, noNaN: true})
const signed = fc.double({min: -1, max: 1, noNaN: true})

/** Numbers of a path, in order. */
const numbers = (path: string) => [...path.matchAll(new RegExp(NUMBER, 'g'))].map(([number]) => Number(number))

/** How far the two curves of a path are apart in their middle. */
function height(path: string): number {
  const [, top = 0, , above = 0, , , , , , below = 0] = numbers(path)
  return 0.75 * (below - top) - 0.75 * (above - top)
}

describe('the lines of a face', () => {
  it('are paths that a browser can draw, inside the head', () => {
    const pose = fc.record({
      open: unit,
      width: unit,
      round: unit,
      smile: unit,
      lids: unit,
      blink: unit,
      x: signed,
      y: signed,
      brow: signed,
      tilt: fc.double({min: -5, max: 5, noNaN: true}),
      breath: signed,
    })
    fc.assert(
      fc.property(pose, (each) => {
        const {paths, ...rest} = lines(each)
        for (const [name, path] of Object.entries(paths)) {
          if (name === 'tongue' && path === '') continue
          expect(path, name).toMatch(LENS)
          for (const number of numbers(path)) expect(number > 40 && number < 172, `${name} ${number}`).toBe(true)
        }
        for (const transform of [rest.head, rest.features, rest.light]) expect(transform).not.toMatch(/NaN|e-/)
      }),
    )
  })

  it('shut the eyes to one line, and open the mouth as far as it is open', () => {
    const eyes = (lids: number) => height(lines({...POSES.rest, lids}).paths.leftEye)
    expect(eyes(0)).toBeCloseTo(0, 1)
    expect(eyes(1)).toBeCloseTo(23, 0)
    const mouth = (open: number) => height(lines({...POSES.speaks, open}).paths.mouth)
    expect(mouth(0)).toBeCloseTo(0, 1)
    expect(mouth(0.5)).toBeGreaterThan(6)
    expect(mouth(1)).toBeGreaterThan(mouth(0.5) + 6)
  })

  it('have light in eyes that are open only', () => {
    expect(lines(POSES.rest).lit).toBe(true)
    expect(lines({...POSES.rest, blink: 0.2}).lit).toBe(false)
    expect(lines(POSES.away).lit).toBe(false)
  })

  it('look another way in each mood', () => {
    const looks = Object.values(POSES).map((pose) => JSON.stringify(lines(pose)))
    expect(new Set(looks).size).toBe(looks.length)
  })
})

it('the face that never moves weighs next to nothing', () => expect(STILL_PATH.length).toBeLessThan(100))
