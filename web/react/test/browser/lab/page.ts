// A page in strict mode, whose parts count how often they are drawn and show what the hooks gave them.

import {createElement, type FunctionComponent, StrictMode} from 'react'
import {flushSync} from 'react-dom'
import {createRoot, type Root} from 'react-dom/client'
import {initial} from '../../../../sdk/src/core/view.ts'
import {useCall, useView, type View, VivaVoce, type VivaVoceProps, type VoiceCall} from '../../../src/index.ts'

/** A call whose view is what the test says. */
class Told {
  view: View = initial
  readonly listeners = new Set<(view: View) => void>()
  readonly subscribe = (listener: (view: View) => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  tell(change: Partial<View>): void {
    this.view = {...this.view, ...change}
    for (const listener of [...this.listeners]) flushSync(() => listener(this.view))
  }

  /** Of all that a call can do the hooks need what stands above. */
  get call(): VoiceCall {
    return this as unknown as VoiceCall
  }
}

const drawn = new Map<string, number>()
const heard: string[] = []
const calls = new Set<VoiceCall>()
let root: Root | null = null

function count(name: string): void {
  drawn.set(name, (drawn.get(name) ?? 0) + 1)
}

const Whole: FunctionComponent<{readonly call: VoiceCall}> = ({call}) => {
  count('whole')
  return createElement('p', {id: 'whole'}, useView(call).captions.length)
}

const Facts: FunctionComponent<{readonly call: VoiceCall}> = ({call}) => {
  count('facts')
  return createElement('p', {id: 'facts'}, JSON.stringify(useView(call, ({facts}) => facts)))
}

const Names: FunctionComponent<{readonly call: VoiceCall}> = ({call}) => {
  count('names')
  const names = useView(
    call,
    ({facts}) => Object.keys(facts),
    (before, after) => before.join() === after.join(),
  )
  return createElement('p', {id: 'names'}, names.join())
}

const Views: FunctionComponent<{readonly call: VoiceCall}> = ({call}) =>
  createElement('div', null, ...[Whole, Facts, Names].map((part) => createElement(part, {call, key: part.name})))

const Holder: FunctionComponent<{readonly agent: string; readonly lang: string}> = ({agent, lang}) => {
  const call = useCall({agent, lang})
  calls.add(call)
  return createElement(
    'p',
    {id: 'screen'},
    useView(call, ({screen}) => screen),
  )
}

const Element: FunctionComponent<VivaVoceProps & {readonly round: number}> = ({round, ...props}) => {
  count('element')
  const said = (text: string) => () => void heard.push(`${text} ${round}`)
  return createElement(VivaVoce, {
    ...props,
    onOpen: said('open'),
    onClose: said('close'),
    onScreen: (screen) => heard.push(`screen ${screen} ${round}`),
    onFact: ({field, state}) => heard.push(`fact ${field} ${state} ${round}`),
    onEnded: (reason) => heard.push(`ended ${reason} ${round}`),
  })
}

function show<Props extends object>(part: FunctionComponent<Props>, props: Props): void {
  root ??= createRoot(document.body)
  const page = createElement(StrictMode, null, createElement(part, props))
  flushSync(() => root?.render(page))
}

function clear(): void {
  flushSync(() => root?.unmount())
  root = null
}

const lab = {Told, Views, Holder, Element, show, clear, drawn, heard, calls}
Object.assign(globalThis, {lab})

export type Lab = typeof lab
