// The board of facts, the card and the face on a page of their own, with a gateway that takes every correction.

import {render} from 'lit/html.js'
import type {View} from '../../../sdk/src/index.ts'
import {app} from '../../src/app.ts'
import {wear} from '../../src/looks/wear.ts'
import * as more from '../../src/more.ts'
import type {Local} from '../../src/ui.ts'
import {STATES, viewOf} from '../gallery/states.ts'
import {screenOf} from '../parts/ui.ts'

export interface FactsLab {
  /** A state of the gallery, and what is different about it. */
  show(name: string, view?: Partial<View>, local?: Partial<Local>): void
  change(view: Partial<View>): void
  /** How loud it is from now on. */
  bands: [number, number, number]
  /** What was set by hand: field and value. */
  readonly corrected: (readonly [string, unknown])[]
}

const host = document.createElement('main')
document.body.append(host)
const frame = document.createElement('div')
frame.className = 'viva'
frame.lang = 'en'
host.attachShadow({mode: 'open'}).append(frame)
wear(frame, 'light', 'bubble').add(more.looks)

const {ui} = screenOf({})
let view: View = viewOf({})
let local: Partial<Local> = {}

function draw(): void {
  render(app(screenOf(view, local, {call: ui.call, act: ui.act, more, set}).ui), frame)
}

function set(change: Partial<Local>): void {
  local = {...local, ...change}
  draw()
}

const lab: FactsLab = {
  show(name, change = {}, more = {}) {
    const state = STATES[name]
    if (state === undefined) throw new Error(`want a state of the gallery, got ${name}`)
    view = {...viewOf(state), ...change}
    local = {...state.local, ...more}
    lab.corrected.length = 0
    draw()
  },
  change(change) {
    view = {...view, ...change}
    draw()
  },
  bands: [0, 0, 0],
  corrected: [],
}
ui.call.correct = (field, value) => {
  lab.corrected.push([field, value])
  queueMicrotask(() => {
    lab.change({facts: {...view.facts, [field]: {field, state: 'confirmed', value, evidence: []}}})
  })
}
ui.call.levels = () => ({microphone: 0.2, agent: lab.bands[0], bands: lab.bands})
Object.assign(window, {factsLab: lab})
