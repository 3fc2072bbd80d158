// One widget on one page: holds the call and what the screen knows, draws after each change, and does what is pressed.

import {render} from 'lit/html.js'
import {createCall, resumable, type View, type VoiceCall} from '../../sdk/src/index.ts'
import {pageAddress} from './addresses.ts'
import {app, needsMore} from './app.ts'
import {askedCard, readCard} from './asked_card.ts'
import type {Card} from './card.ts'
import {pageOf} from './context/page.ts'
import {contextOf} from './context/seen.ts'
import {news} from './events.ts'
import {Focus} from './focus.ts'
import {wear} from './looks/wear.ts'
import {shown} from './parts/consent.ts'
import {closed, type First, isOn, type Local, labelOf, type More, type Shape} from './ui.ts'
import {start} from './words/en/start.ts'
import {inEnglish, loadWords, over, type Spoken} from './words/loading.ts'
import type {FirstWords} from './words/words.ts'

export interface Mounting {
  /** `<viva-voce>`, whose attributes say what is wished for. */
  readonly host: HTMLElement
  /** In its shadow root; the bubble stands in it already. */
  readonly frame: HTMLElement
  readonly button: HTMLElement
  /** An origin. */
  readonly server: string
  /** The folder of the served files, ending in a slash. */
  readonly assets: string
  /** The answer to the question for the agent's card; null where there is no name to ask by. */
  readonly card: Promise<Response> | null
}

export interface Mounted {
  readonly call: VoiceCall
  readonly isOpen: boolean
  open(): void
  close(): void
  /** An attribute of the element has changed. */
  changed(attribute: string): void
  /** Releases everything. */
  unmount(): void
}

function isDecided(consent: View['consent']): boolean {
  return consent === 'given' || consent === 'refused' || consent === 'withdrawn'
}

const SHAPES: readonly string[] = ['bubble', 'inline', 'page', 'kiosk'] satisfies Shape[]

// browsers remember that a module did not come: the next try has another address
let again = 0

const KEYS = ['keydown', 'keypress', 'keyup'] as const

export function mount({host, frame, button, server, assets, card: asked}: Mounting): Mounted {
  const named = (name: string) => host.getAttribute(name) ?? ''
  const wished = named('shape')
  const shape = (SHAPES.includes(wished) ? wished : 'bubble') as Shape
  // a page of ours in a frame: where the visitor is, is the page around it
  const isFramed = shape === 'page' && window.parent !== window
  const focus = new Focus(frame)
  let local: Local = closed
  let card: Card | null = null
  let spoken: Spoken = inEnglish
  let words: FirstWords = start
  let chosen = ''
  let more: More | null = null
  let isLoading = false
  let forget = () => {}
  let isDue = false
  let isGone = false
  let call = fresh()
  let unsubscribe = call.subscribe(changed)

  /** BCP 47, the most wished for first. */
  function languages(): string[] {
    const {lang} = pageOf(host)
    return [chosen, named('lang'), lang, ...navigator.languages].filter((tag) => tag !== '')
  }

  function fresh(): VoiceCall {
    const [lang] = languages()
    const agent = named('agent')
    const ticket = named('ticket')
    const pass = named('pass')
    return createCall({
      agent,
      server,
      assets,
      ...(lang && {lang}),
      ...(ticket && {ticket}),
      ...(pass && {pass}),
      context: contextOf(isFramed ? pageOf(host, document.referrer) : pageOf(host)),
    })
  }

  /** Another call of which nothing was begun; the one before releases what it holds. */
  function renew(): void {
    unsubscribe()
    call = fresh()
    unsubscribe = call.subscribe(changed)
  }

  let before: View = call.view
  function changed(view: View): void {
    const last = before
    before = view
    if (view.consent === 'ask' && local.record !== null) {
      call.consent(local.record ? 'given' : 'refused', shown(ui()))
      return // the decision is a change of its own
    }
    // what was decided last holds for another talk, too
    if (isDecided(view.consent)) local = {...local, record: view.consent === 'given'}
    news(host, last, view)
    draw()
  }

  function set(change: Partial<Local>): void {
    const {sheet, open} = local
    local = {...local, ...change}
    if (sheet !== local.sheet) focus.moves()
    if (open !== local.open) {
      // a page or an inline talk is there from the beginning, and takes the focus from nobody
      if (shape === 'bubble') focus.moves()
      host.toggleAttribute('open', local.open)
      host.dispatchEvent(new CustomEvent(local.open ? 'viva-open' : 'viva-close', {bubbles: true, composed: true}))
    }
    draw()
  }

  const act: First['act'] = {
    start(mode) {
      if (call.view.screen === 'start' && card?.record === 'ask' && local.record === null) set({record: false})
      set({sheet: '', erasure: '', editing: null})
      void call.setMode(mode).then(() => (isOn(call.view) ? undefined : call.start()))
    },
    setMode: (mode) => void call.setMode(mode),
    close: () => set({open: false, sheet: ''}),
    setLanguage(tag) {
      chosen = tag
      if (call.view.screen === 'start') renew()
      void speak()
    },
    erase() {
      set({erasure: 'asked'})
      call.erase().then(
        (isDone) => set(isDone ? {erasure: 'done', sheet: '', draft: ''} : {erasure: 'failed'}),
        () => set({erasure: 'failed'}),
      )
    },
    openTab: () => void window.open(card?.page ?? pageAddress(server, named('agent')), '_blank', 'noopener'),
    retry() {
      if (local.isMissing) set({isMissing: false})
      else void know(null)
    },
    wipe() {
      call.leave()
      chosen = ''
      renew()
      local = closed
      before = call.view
      void speak()
      focus.moves()
      draw()
    },
  }

  function ui(): First {
    const {lang, dir} = spoken
    return {shape, view: call.view, call, card, words, lang, dir, local, act, more, set}
  }

  /** Many changes in one go are one drawing. */
  function draw(): void {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      if (!isGone) drawNow()
    })
  }

  function drawNow(): void {
    const isWanted = needsMore(ui())
    if (isWanted) need()
    focus.before()
    render(app(ui()), frame)
    // what stands in a screen's place is another screen
    const screen = more || !isWanted ? call.view.screen : local.isMissing ? 'missing' : 'coming'
    focus.after(screen, local.open)
    if (shape !== 'bubble') return
    button.ariaExpanded = String(local.open)
    button.toggleAttribute('data-on', isOn(call.view))
    button.ariaLabel = isOn(call.view) ? words.talkGoesOn : named('label') || labelOf(ui())
  }

  function need(): void {
    if (local.isMissing || isLoading) return
    isLoading = true
    const rest: Promise<More> = again
      ? import(/* @vite-ignore */ /* webpackIgnore: true */ `${assets}viva-more.js?${again}`)
      : import('./more.ts')
    rest.then(
      (loaded) => {
        more = loaded
        clothes.add(loaded.looks)
        if (shape === 'kiosk' && !isGone) forget = loaded.watchIdle(frame, ui, set, act.wipe)
        say(spoken)
      },
      () => {
        again++
        isLoading = false
        // what came too early to be missed is asked for again when it is needed
        set({isMissing: needsMore(ui())})
      },
    )
  }

  function say(said: Spoken): void {
    spoken = said
    words = over(more?.english ?? start, said)
    draw()
  }

  async function speak(): Promise<void> {
    const wanted = languages()
    const got = await loadWords(wanted, assets)
    if (wanted[0] !== languages()[0]) return // another was chosen meanwhile
    say(got)
  }

  async function know(answer: Promise<Response> | null): Promise<void> {
    const found = await askedCard(answer, server, named('agent'), named('pass'))
    // a ticket is leave enough: its call says who is there
    if (found === 'refused' && named('ticket') !== '') return
    const isTrouble = typeof found === 'string'
    if (!isTrouble) card = found
    set({cardTrouble: isTrouble ? found : ''})
  }

  /** A page sees no text box in here, so its shortcuts would be hit by what is typed. */
  function typed(event: Event): void {
    if ((event.composedPath()[0] as Element).matches('input, textarea')) event.stopPropagation()
  }

  function keyed(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    if (local.sheet !== '') set({sheet: ''})
    else if (shape === 'bubble') set({open: false})
    else return
    event.stopPropagation()
  }

  const clothes = wear(frame, named('theme'), shape)
  frame.addEventListener('keydown', keyed)
  for (const kind of KEYS) frame.addEventListener(kind, typed)
  if (shape !== 'bubble') {
    if (button.matches(':focus')) focus.moves()
    button.remove()
  }
  if (shape === 'kiosk')
    call.leave() // a talk that a reload has interrupted was somebody else's
  else local = {...local, resumable: resumable({agent: named('agent'), server})}
  void speak()
  const given = named('card')
  if (given !== '') card = readCard(given)
  else if (asked !== null) void know(asked)
  if (shape === 'kiosk') draw()
  else set({open: true})
  need()

  return {
    get call() {
      return call
    },
    get isOpen() {
      return local.open
    },
    open() {
      if (call.view.screen === 'start') renew()
      set({open: true})
    },
    close: act.close,
    changed(attribute) {
      if (attribute === 'theme') clothes.theme(named('theme'))
      if (attribute === 'lang') void speak()
      if (attribute === 'open' && !host.hasAttribute('open')) act.close()
      if (attribute === 'agent' && call.view.screen === 'start') {
        renew()
        card = null
        void know(null)
      }
    },
    unmount() {
      isGone = true
      forget()
      unsubscribe()
      call.leave()
      frame.removeEventListener('keydown', keyed)
      for (const kind of KEYS) frame.removeEventListener(kind, typed)
    },
  }
}
