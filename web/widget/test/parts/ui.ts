// A screen for the tests of its parts: nothing is drawn, and what would be done is written down.

import {initial} from '../../../sdk/src/core/view.ts'
import type {View, VoiceCall} from '../../../sdk/src/index.ts'
import * as more from '../../src/more.ts'
import {closed, type Local, type Ui} from '../../src/ui.ts'
import {english} from '../../src/words/en.ts'
import {CARD} from '../gallery/states.ts'

export interface Drawn {
  readonly ui: Ui
  /** What was called, as `name arguments`, in order. */
  readonly done: string[]
}

const SILENCE: ReturnType<VoiceCall['levels']> = {microphone: 0, agent: 0, bands: [0, 0, 0]}

/** Any method of it is there, and writes down that it was called. */
function noting(prefix: string, done: string[], known: object): unknown {
  return new Proxy(known, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name)
      return (...given: unknown[]) => {
        done.push([prefix + String(name), ...given.map((it) => JSON.stringify(it))].join(' '))
      }
    },
  })
}

export function screenOf(view: Partial<View>, local: Partial<Local> = {}, other: Partial<Ui> = {}): Drawn {
  const done: string[] = []
  const whole: View = {...initial, ...view}
  const ui: Ui = {
    shape: 'bubble',
    view: whole,
    call: noting('', done, {view: whole, levels: () => SILENCE}) as VoiceCall,
    card: CARD,
    words: english,
    lang: 'en',
    dir: 'ltr',
    more,
    local: {...closed, open: true, ...local},
    act: noting('act.', done, {}) as Ui['act'],
    set: (change) => void done.push(`set ${JSON.stringify(change)}`),
    ...other,
  }
  return {ui, done}
}
