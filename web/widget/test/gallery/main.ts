// The gallery's page: one state of `states.ts`, drawn as a page would see it. `?state=&theme=&dir=&lang=&shape=`; without
// a state, links to all of them. Another state comes without loading anything: change the address, send `popstate`.

import {render} from 'lit/html.js'
import type {VoiceCall} from '../../../sdk/src/index.ts'
import {app} from '../../src/app.ts'
import bubble from '../../src/looks/bubble.css'
import {adopt, sheet} from '../../src/looks/sheets.ts'
import {wear} from '../../src/looks/wear.ts'
import * as more from '../../src/more.ts'
import {closed, type Local, type Shape, type Ui} from '../../src/ui.ts'
import {inEnglish, loadWords, over, type Spoken} from '../../src/words/loading.ts'
import {CARD, STATES, type State, viewOf} from './states.ts'

let wished = new URLSearchParams(location.search)

/** A call that stands still: what would be done is passed over. */
function still(state: State): VoiceCall {
  const level = state.level ?? 0
  return {
    view: viewOf(state),
    subscribe: () => () => {},
    start: async () => {},
    type: () => {},
    correct: () => {},
    setMode: async () => {},
    mute: () => {},
    takeTurns: () => {},
    pushToTalk: () => {},
    talk: () => {},
    done: () => {},
    takeTime: () => {},
    consent: () => {},
    dismiss: () => {},
    devices: async () => state.local?.devices ?? [],
    useMicrophone: async () => {},
    unlock: async () => {},
    leave: () => {},
    erase: async () => true,
    levels: () => ({microphone: level, agent: level, bands: [level, level / 2, level / 4]}),
    health: () => ({worker: null, audio: null, broken: []}),
  }
}

async function show(name: string, state: State): Promise<void> {
  const shape = (wished.get('shape') as Shape | null) ?? state.shape ?? 'bubble'
  const host = document.createElement('viva-voce')
  host.setAttribute('shape', shape)
  const root = host.attachShadow({mode: 'open'})
  const frame = document.createElement('div')
  frame.className = 'viva'
  root.append(frame)
  document.body.append(host)
  adopt(root, [sheet(bubble)])
  wear(frame, wished.get('theme') ?? 'auto', shape).add(more.looks)
  const lang = wished.get('lang') ?? 'en'
  const spoken: Spoken = lang === 'en' ? inEnglish : await loadWords([lang], new URL('./', location.href).href)
  const words = over(more.english, spoken)
  const dir = wished.get('dir') === 'rtl' ? 'rtl' : spoken.dir
  frame.lang = spoken.lang
  frame.dir = dir
  document.title = name
  let local: Local = {...closed, open: true, ...state.local}
  const act: Ui['act'] = {
    start: () => {},
    setMode: () => {},
    close: () => set({open: false}),
    setLanguage: () => {},
    erase: () => set({erasure: 'done', sheet: ''}),
    openTab: () => {},
    retry: () => {},
    wipe: () => {},
  }
  const card = state.card === null ? null : {...CARD, ...state.card}
  const call = still(state)
  function set(change: Partial<Local>): void {
    local = {...local, ...change}
    draw()
  }
  function draw(): void {
    render(app({shape, view: call.view, call, card, words, lang: spoken.lang, dir, local, act, more, set}), frame)
  }
  draw()
}

function list(): void {
  for (const name of Object.keys(STATES)) {
    const link = document.createElement('a')
    const query = new URLSearchParams(wished)
    query.set('state', name)
    link.href = `?${query}`
    link.textContent = name
    document.body.append(link, document.createElement('br'))
  }
}

async function open(): Promise<void> {
  const {search} = location
  wished = new URLSearchParams(search)
  document.body.replaceChildren()
  const name = wished.get('state') ?? ''
  const state = STATES[name]
  if (state === undefined) list()
  else await show(name, state)
  document.body.setAttribute('data-drawn', search)
}

window.addEventListener('popstate', () => void open())
void open()
