import {describe, expect, it} from 'vitest'
import {Output} from '../../src/session/output.ts'
import {DESKTOP} from './devices.ts'
import {FakeAudioContext, FakeElement, type FakeNode, FakeSilence} from './nodes.ts'

class Lab {
  readonly context = new FakeAudioContext()
  readonly elements: FakeElement[] = []
  readonly session = {type: 'auto'}
  readonly output: Output
  /** Handed to each element as it is made. */
  sink: FakeElement['setSinkId']

  constructor(ios = false, allowed = true) {
    this.output = new Output(this.context as unknown as AudioContext, {
      platform: {...DESKTOP, ios},
      element: () => {
        const element = new FakeElement()
        element.allowed = allowed
        element.setSinkId = this.sink
        this.elements.push(element)
        return element as unknown as HTMLAudioElement
      },
      session: this.session,
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
    expect(await lab.output.start()).toBe(true)
    expect(lab.input.to).toEqual([lab.context.destination])
    const silence = lab.context.made.find((it) => it instanceof FakeSilence)
    expect(silence).toMatchObject({buffer: {seconds: 0.1, rate: 48_000}, started: true, to: [lab.input]})
    expect(lab.elements).toEqual([])
    expect(lab.session.type).toBe('play-and-record')
  })

  it('goes through an element on iOS, which is played explicitly', async () => {
    const lab = new Lab(true)
    expect(await lab.output.start()).toBe(true)
    expect(lab.input.to).toHaveLength(1)
    expect(lab.input.to[0]).toHaveProperty('stream', lab.element.srcObject)
    expect(lab.element.plays).toBe(1)
    lab.element.dispatchEvent(new Event('canplay'))
    expect(lab.element.plays).toBe(2)
  })

  it('says when it may not sound yet, and does after a tap', async () => {
    const lab = new Lab(true, false)
    expect(await lab.output.start()).toBe(false)
    expect(await lab.output.unlock()).toBe(false)
    lab.element.allowed = true
    expect(await lab.output.unlock()).toBe(true)
  })

  it('sounds in spite of the silent switch when there is no microphone', async () => {
    const lab = new Lab()
    await lab.output.start(false)
    expect(lab.session.type).toBe('playback')
  })

  it('chooses a loudspeaker by the context where that can', async () => {
    const lab = new Lab()
    const sinks: string[] = []
    lab.context.setSinkId = async (id) => {
      if (id === 'gone') throw new DOMException('', 'NotFoundError')
      sinks.push(id)
    }
    await lab.output.start()
    expect(await lab.output.useSink('desk')).toBe(true)
    expect(await lab.output.useSink('gone')).toBe(false)
    expect(sinks).toEqual(['desk'])
    expect(lab.elements).toEqual([])
  })

  it('chooses a loudspeaker by an element where only that can', async () => {
    const lab = new Lab()
    const sinks: string[] = []
    lab.sink = async (id) => {
      sinks.push(id)
    }
    await lab.output.start()
    expect(await lab.output.useSink('desk')).toBe(true)
    expect(await lab.output.useSink('')).toBe(true)
    expect(sinks).toEqual(['desk', ''])
    expect(lab.elements).toHaveLength(1)
    expect(lab.input.to).toHaveLength(1)
    expect(lab.input.to[0]).not.toBe(lab.context.destination)
  })

  it('says when no loudspeaker can be chosen, and sounds on where it did', async () => {
    const lab = new Lab()
    await lab.output.start()
    expect(await lab.output.useSink('desk')).toBe(false)
    expect(await lab.output.useSink('')).toBe(true)
    expect(lab.input.to).toEqual([lab.context.destination])
  })

  it('leaves nothing behind', async () => {
    const lab = new Lab(true)
    await lab.output.start()
    const {element} = lab
    lab.output.close()
    lab.output.close()
    element.dispatchEvent(new Event('canplay'))
    expect(element).toMatchObject({paused: true, srcObject: null, plays: 1})
    expect(lab.input.to).toEqual([])
    expect(lab.context.tracks.every((it) => it.stopped)).toBe(true)
    expect(lab.session.type).toBe('auto')
    expect(await lab.output.unlock()).toBe(false)
  })
})
