// The talk on a page of its own, with a call that only writes down what is asked of it.

import {render} from 'lit/html.js'
import type {View} from '../../../sdk/src/index.ts'
import {app} from '../../src/app.ts'
import {wear} from '../../src/looks/wear.ts'
import * as more from '../../src/more.ts'
import type {Local, Shape} from '../../src/ui.ts'
import {STATES, viewOf} from '../gallery/states.ts'
import {screenOf} from '../parts/ui.ts'

export interface Lab {
  /** A state of the gallery, and what is different about it. */
  show(name: string, view?: Partial<View>, local?: Partial<Local>, shape?: Shape): void
  /** The view goes on, what the screen knows stays. */
  change(view: Partial<View>): void
  readonly done: string[]
  /** What was set by hand since then: field and value. */
  readonly corrected: (readonly [string, unknown])[]
  /** How loud the agent is from now on. */
  bands: readonly [number, number, number]
}

const host = document.createElement('main')
document.body.append(host)
const frame = document.createElement('div')
frame.className = 'viva'
frame.lang = 'en'
host.attachShadow({mode: 'open'}).append(frame)
wear(frame, 'light', 'page').add(more.looks)

const {ui, done} = screenOf({})
let view: View = viewOf({})
let local: Partial<Local> = {}
let shape: Shape = 'page'

function set(change: Partial<Local>): void {
  local = {...local, ...change}
  draw()
}

function draw(): void {
  // one call from the first drawing to the last, as on a page
  render(app(screenOf(view, local, {shape, call: ui.call, act: ui.act, more, set}).ui), frame)
}

const lab: Lab = {
  show(name, change = {}, known = {}, where = 'page') {
    const state = STATES[name]
    if (state === undefined) throw new Error(`want a state of the gallery, got ${name}`)
    view = {...viewOf(state), ...change}
    local = {...state.local, ...known}
    shape = where
    done.length = 0
    lab.corrected.length = 0
    draw()
  },
  change(change) {
    view = {...view, ...change}
    draw()
  },
  done,
  corrected: [],
  bands: [0, 0, 0],
}
// as the SDK does it
ui.call.devices = async () => {
  done.push('devices')
  return []
}
ui.call.talk = (talking) => {
  done.push(`talk ${talking}`)
  queueMicrotask(() => lab.change({talking}))
}
// a gateway that takes every correction
ui.call.correct = (field, value) => {
  lab.corrected.push([field, value])
  queueMicrotask(() => lab.change({facts: {...view.facts, [field]: {field, state: 'confirmed', value, evidence: []}}}))
}
ui.call.levels = () => ({microphone: 0.2, agent: lab.bands[0], bands: lab.bands})
Object.assign(window, {lab})
