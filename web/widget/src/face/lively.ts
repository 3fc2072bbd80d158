// Keeps a drawn face moving: a frame of the browser is a step of its motion. Only while it is in sight, and only while
// there is something to move; who wants no motion gets a face that holds still within a ring that shows the level.

import {Directive, directive, type ElementPart} from 'lit/directive.js'
import {noChange} from 'lit/html.js'
import type {Bands} from '../../../sdk/src/index.ts'
import type {First} from '../ui.ts'
import {lines} from './geometry.ts'
import type {Mood} from './mood.ts'
import {isStill, type Motion, POSES, step, still} from './motion.ts'

const SILENCE: Bands = [0, 0, 0]
/** Of a face that does not speak: as slow as it moves, half of the frames are enough. */
const CALM_FRAME_MS = 30
/** Loudness of speech, in a ring that is full at 1. */
const RING_GAIN = 4

class Lively extends Directive {
  #svg: SVGElement | null = null
  #call: First['call'] | null = null
  #mood: Mood = 'rest'
  #audible = false
  #motion: Motion | null = null
  #frame = 0
  #inSight = false

  override render(_ui: First, _mood: Mood): typeof noChange {
    return noChange
  }

  override update({element}: ElementPart, [ui, mood]: [First, Mood]): typeof noChange {
    this.#call = ui.call
    this.#mood = mood
    this.#audible = ui.view.audible > 0 && mood === 'speaks'
    if (this.#svg === null && element instanceof SVGElement) this.#watch(element)
    const now = performance.now() / 1000
    if (this.#motion === null || calm()) this.#motion = still(mood, now)
    // a mouth whose sound was cut is shut before the next frame is shown
    else if (!this.#audible) this.#motion = step(this.#motion, mood, now, SILENCE, Math.random)
    this.#draw()
    this.#go()
    return noChange
  }

  #watch(svg: SVGElement): void {
    this.#svg = svg
    new IntersectionObserver((seen) => {
      this.#inSight = seen.at(-1)?.isIntersecting === true
      this.#go()
    }).observe(svg)
  }

  #go(): void {
    const moves = this.#motion !== null && !isStill(this.#motion, this.#mood)
    if (this.#frame === 0 && this.#inSight && moves) this.#frame = requestAnimationFrame((now) => this.#next(now))
  }

  #next(nowMs: number): void {
    this.#frame = 0
    const motion = this.#motion
    if (motion === null || this.#svg?.isConnected !== true) return
    if (this.#audible || nowMs - motion.at * 1000 >= CALM_FRAME_MS) {
      const bands = this.#audible ? (this.#call?.levels().bands ?? SILENCE) : SILENCE
      this.#motion = calm() ? {...motion, at: nowMs / 1000} : step(motion, this.#mood, nowMs / 1000, bands, Math.random)
      this.#draw()
    }
    this.#go()
  }

  #draw(): void {
    const svg = this.#svg
    if (svg === null || this.#motion === null) return
    const drawn = lines(calm() ? POSES[this.#mood] : this.#motion.pose)
    const put = (name: string, attribute: string, value: string) =>
      svg.querySelector(`.${name}`)?.setAttribute(attribute, value)
    put('head', 'transform', drawn.head)
    put('features', 'transform', drawn.features)
    put('light', 'transform', drawn.light)
    put('light', 'opacity', drawn.lit ? '1' : '0')
    for (const [name, path] of Object.entries(drawn.paths)) put(name, 'd', path)
    put('ring', 'stroke-width', String(this.#ring()))
  }

  /** The caller sees that they are heard; who has no moving mouth to look at sees that somebody speaks. */
  #ring(): number {
    const levels = this.#mood === 'listens' || (calm() && this.#audible) ? this.#call?.levels() : undefined
    const level = this.#mood === 'listens' ? levels?.microphone : levels?.agent
    return Math.round(Math.min(1, (level ?? 0) * RING_GAIN) * 80) / 10
  }
}

let query: MediaQueryList | null = null

/** Whether the visitor wants no motion. */
function calm(): boolean {
  query ??= matchMedia('(prefers-reduced-motion: reduce)')
  return query.matches
}

/** On the svg of a face: makes it live in this mood. */
export const lively = directive(Lively)
