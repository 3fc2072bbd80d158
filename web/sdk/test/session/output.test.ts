import {describe, expect, it} from 'vitest'
import {Output} from '../../src/session/output.ts'
import {DESKTOP} from './devices.ts'
import {FakeAudioContext, FakeElement, type FakeNode, FakeSilence} from './nodes.ts'
import {settled} from './time.ts'

class Lab {
  readonly context = new FakeAudioContext()
  readonly elements: FakeElement[] = []
  readonly session = {type: 'auto'}
  readonly output: Output
  readonly page = new EventTarget()
  /** Every answer of the browser. */
  readonly plays: boolean[] = []

  constructor(ios = false, allowed = true) {
    this.output = new Output(this.context as unknown as AudioContext, (plays) => this.plays.push(plays), {
      platform: {...DESKTOP, ios},
      element: () => {
        const element = new FakeElement()
        element.allowed = allowed
        this.elements.push(element)
        return element as unknown as HTMLAudioElement
      },
      session: this.session,
      page: this.page,
    })
  }

  get input(): FakeNode {
    return this.output.input as unknown as FakeNode
  }

  get element(): FakeElement {
    const [element] = this.elements
    if (!element) throw new Error('want an <audio>, there is none')
    return element
  }
}

describe('output', () => {
  it('goes straight to the loudspeaker, primed with silence of its own rate', async () => {
    const lab = new Lab()
    lab.output.start()
    await settled()
    expect(lab.plays).toEqual([true])
    expect(lab.input.to).toEqual([lab.context.destination])
    const silence = lab.context.made.find((it) => it instanceof FakeSilence)
    expect(silence).toMatchObject({buffer: {seconds: 0.1, rate: 48_000}, started: true, to: [lab.input]})
    expect(lab.elements).toEqual([])
    expect(lab.session.type).toBe('play-and-record')
  })

  it('goes through an element on iOS, which is played explicitly', async () => {
    const lab = new Lab(true)
    lab.output.start()
    await settled()
    expect(lab.plays).toEqual([true])
    expect(lab.input.to).toHaveLength(1)
    expect(lab.input.to[0]).toHaveProperty('stream', lab.element.srcObject)
    expect(lab.element.plays).toBe(1)
    lab.element.dispatchEvent(new Event('canplay'))
    expect(lab.element.plays).toBe(2)
  })

  it('says when it may not sound yet, and does with the next gesture anywhere', async () => {
    const lab = new Lab(true, false)
    lab.output.start()
    await settled()
    await lab.output.unlock()
    expect(lab.plays).toEqual([false, false])
    lab.element.allowed = true
    lab.page.dispatchEvent(new Event('pointerup'))
    await settled()
    expect(lab.plays).toEqual([false, false, true])
    lab.page.dispatchEvent(new Event('pointerup'))
    await settled()
    expect(lab.plays).toHaveLength(3)
  })

  it('says when it sounds after all, once there is something to play', async () => {
    const lab = new Lab(true, false)
    lab.output.start()
    await settled()
    lab.element.allowed = true
    lab.element.dispatchEvent(new Event('canplay'))
    await settled()
    expect(lab.plays).toEqual([false, true])
  })

  it('leaves nothing behind', async () => {
    const lab = new Lab(true, false)
    lab.output.start()
    await settled()
    const {element} = lab
    lab.output.close()
    lab.output.close()
    element.dispatchEvent(new Event('canplay'))
    lab.page.dispatchEvent(new Event('click'))
    expect(element).toMatchObject({paused: true, srcObject: null, plays: 1})
    expect(lab.input.to).toEqual([])
    expect(lab.context.tracks.every((it) => it.stopped)).toBe(true)
    expect(lab.session.type).toBe('auto')
    await lab.output.unlock()
    expect(lab.plays).toEqual([false])
  })
})
