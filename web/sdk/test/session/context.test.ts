import {describe, expect, it} from 'vitest'
import {Sound, type SoundState} from '../../src/session/context.ts'
import {DESKTOP} from './devices.ts'

class FakeContext {
  state: string = 'suspended'
  currentTime = 0
  onstatechange: (() => void) | null = null
  resumes = 0

  constructor(
    readonly options: AudioContextOptions,
    private readonly lab: Lab,
  ) {
    lab.contexts.push(this)
  }

  async resume(): Promise<void> {
    this.resumes++
    if (!this.lab.gesture) throw new DOMException('no gesture', 'NotAllowedError')
    this.become('running')
  }

  async close(): Promise<void> {
    this.become('closed')
  }

  become(state: string): void {
    this.state = state
    this.onstatechange?.()
  }
}

class Lab {
  readonly contexts: FakeContext[] = []
  readonly page = Object.assign(new EventTarget(), {hidden: false})
  readonly states: string[] = []
  readonly rebuilt: AudioContext[] = []
  gesture = true
  /** Whether clocks move. */
  moving = true
  ticks = new Set<() => void>()
  readonly sound: Sound

  constructor(mobile = false, broken: 'none' | 'missing' | 'throws' = 'none') {
    const lab = this
    class Made extends FakeContext {
      constructor(options: AudioContextOptions) {
        if (broken === 'throws') throw new DOMException('too many', 'NotSupportedError')
        super(options, lab)
      }
    }
    this.sound = new Sound(
      (state: SoundState) => this.states.push(state.kind),
      (context) => this.rebuilt.push(context),
      {
        AudioContext: broken === 'missing' ? undefined : (Made as unknown as new () => AudioContext),
        platform: {...DESKTOP, mobile},
        page: this.page as unknown as EventTarget & {readonly hidden: boolean},
        every: (_, tick) => {
          this.ticks.add(tick)
          return () => this.ticks.delete(tick)
        },
      },
    )
  }

  get context(): FakeContext {
    const context = this.contexts.at(-1)
    if (!context) throw new Error('want a context, none was made')
    return context
  }

  /** Half seconds pass. */
  async pass(looks: number): Promise<void> {
    for (let i = 0; i < looks; i++) {
      if (this.moving && this.context.state === 'running') this.context.currentTime += 0.5
      for (const tick of [...this.ticks]) tick()
      await Promise.resolve()
    }
  }
}

describe('sound', () => {
  it('is made and resumed within the gesture, at the rate of the device', async () => {
    const lab = new Lab()
    expect(lab.sound.open()).toBe(lab.sound.context)
    expect(lab.context.resumes).toBe(1)
    expect(lab.context.options).toEqual({latencyHint: 'interactive'})
    expect(lab.sound.open()).toBe(lab.sound.context)
    await lab.pass(10)
    expect(lab.states).toEqual(['ok'])
    expect(lab.contexts).toHaveLength(1)
  })

  it('gives small machines more time', () => {
    const lab = new Lab(true)
    lab.sound.open()
    expect(lab.context.options).toEqual({latencyHint: 'balanced'})
  })

  it('wants a tap when the browser wants one, and any tap will do', async () => {
    const lab = new Lab()
    lab.gesture = false
    lab.sound.open()
    await lab.pass(1)
    expect(lab.states).toEqual([])
    await lab.pass(2)
    expect(lab.states).toEqual(['suspended'])
    lab.gesture = true
    lab.page.dispatchEvent(new Event('pointerup'))
    await lab.pass(1)
    expect(lab.states).toEqual(['suspended', 'ok'])
    const {resumes} = lab.context
    lab.page.dispatchEvent(new Event('pointerup'))
    expect(lab.context.resumes).toBe(resumes)
  })

  it('waits out an interruption and resumes nothing meanwhile', async () => {
    const lab = new Lab()
    lab.sound.open()
    await lab.pass(2)
    lab.context.become('interrupted')
    await lab.sound.unlock()
    expect(lab.context.resumes).toBe(1)
    lab.context.become('suspended')
    await lab.sound.unlock()
    expect(lab.states).toEqual(['ok', 'interrupted', 'suspended', 'ok'])
  })

  it('resumes by itself when the page is seen again', async () => {
    const lab = new Lab()
    lab.sound.open()
    await lab.pass(2)
    lab.page.hidden = true
    lab.page.dispatchEvent(new Event('visibilitychange'))
    lab.context.become('suspended')
    await lab.pass(20)
    expect(lab.contexts).toHaveLength(1)
    lab.page.hidden = false
    lab.page.dispatchEvent(new Event('visibilitychange'))
    await lab.pass(1)
    expect(lab.states).toEqual(['ok', 'suspended', 'ok'])
  })

  it('is built anew when it says that it runs and its clock stands', async () => {
    const lab = new Lab()
    lab.sound.open()
    await lab.pass(3)
    lab.moving = false
    await lab.pass(4)
    expect(lab.contexts).toHaveLength(2)
    expect(lab.contexts[0]?.state).toBe('closed')
    expect(lab.rebuilt).toEqual([lab.sound.context])
    lab.moving = true
    await lab.pass(10)
    expect(lab.contexts).toHaveLength(2)
    expect(lab.sound.state).toEqual({kind: 'ok'})
  })

  it('lets a clock stand while nobody sees the page', async () => {
    const lab = new Lab()
    lab.sound.open()
    await lab.pass(3)
    lab.page.hidden = true
    lab.moving = false
    await lab.pass(20)
    lab.page.hidden = false
    lab.moving = true
    lab.page.dispatchEvent(new Event('visibilitychange'))
    await lab.pass(3)
    expect(lab.contexts).toHaveLength(1)
  })

  it('gives up when no clock ever moves', async () => {
    const lab = new Lab()
    lab.moving = false
    lab.sound.open()
    await lab.pass(100)
    expect(lab.contexts).toHaveLength(4)
    expect(lab.states.at(-1)).toBe('failed')
    expect(lab.contexts.every((it) => it.state === 'closed')).toBe(true)
    expect(lab.ticks.size).toBe(0)
  })

  it('is built anew when somebody else has closed it', async () => {
    const lab = new Lab()
    lab.sound.open()
    await lab.pass(2)
    lab.context.become('closed')
    expect(lab.rebuilt).toHaveLength(1)
    await lab.pass(1)
    expect(lab.sound.state).toEqual({kind: 'ok'})
  })

  it.each(['missing', 'throws'] as const)('fails in words where there is none to be had (%s)', (broken) => {
    const lab = new Lab(false, broken)
    expect(lab.sound.open()).toBeNull()
    expect(lab.states).toEqual(['failed'])
  })

  it('is gone after close, and may be opened again', async () => {
    const lab = new Lab()
    lab.sound.open()
    await lab.pass(2)
    await lab.sound.close()
    await lab.sound.close()
    expect(lab.context.state).toBe('closed')
    expect(lab.ticks.size).toBe(0)
    expect(lab.states).toEqual(['ok', 'off'])
    expect(lab.contexts).toHaveLength(1)
    lab.sound.open()
    await lab.pass(1)
    expect(lab.states).toEqual(['ok', 'off', 'ok'])
    await lab.sound.close()
  })
})
