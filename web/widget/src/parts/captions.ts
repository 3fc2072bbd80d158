// What is being said, in writing: always there, the newest large, what is older above it.

import {guard} from 'lit/directives/guard.js'
import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {View} from '../../../sdk/src/index.ts'
import type {Ui} from '../ui.ts'
import {colourOf} from './colours.ts'
import {nameOf} from './speakers.ts'

type Line = View['captions'][number]

/** The rest stands in the transcript. */
const MAX_LINES = 60
/** Pixels; who has scrolled further up reads, and is shown the way back. */
const AWAY = 120
/** The sentence has no end. Scripts that end theirs without a mark never show it. */
const UNFINISHED = /(?![\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}\p{N},،、，-]$/u

/** Whether the agent was stopped in the middle of this: it holds what was heard, and no more. */
export function wasCut({who, text, final}: Line): boolean {
  return who !== 'caller' && final && UNFINISHED.test(text.trimEnd())
}

/**
 * What a screen reader says by itself: whole sentences of the agent where they are not heard. Beside the agent's own
 * voice it would speak across it, and into the microphone.
 */
export function spokenOf({mode, sound, captions}: View): string {
  if (mode === 'voice' && sound === 'ok') return ''
  return captions.filter(({who, final}) => final && who !== 'caller').at(-1)?.text ?? ''
}

function line(ui: Ui, it: Line, isHeld: boolean): TemplateResult {
  const cut = wasCut(it) ? html`<small class="cut"> — ${ui.words.wasCut}</small>` : nothing
  return html`<li
    class=${it.who === 'caller' ? 'mine' : 'theirs'}
    data-colour=${colourOf(ui, it.who)}
    ?data-open=${!it.final}
    ?data-held=${isHeld}
  ><b><bdi>${nameOf(ui, it.who)}</bdi></b><p><span dir="auto">${it.text}</span>${cut}</p></li>`
}

function followed({currentTarget}: Event): void {
  const scroller = currentTarget as HTMLElement
  // counted from the newest: 0 is at the end, what is above is negative
  scroller.toggleAttribute('data-away', scroller.scrollTop < -AWAY)
}

function toNewest({currentTarget}: Event): void {
  const scroller = (currentTarget as HTMLElement).previousElementSibling
  scroller?.scrollTo({top: 0, behavior: 'instant'})
}

export function captions(ui: Ui): TemplateResult {
  const {view, words} = ui
  const lines = view.captions.slice(-MAX_LINES)
  const held = view.floor.turn === 'held' ? lines.filter(({who}) => who !== 'caller').at(-1) : undefined
  const list = () =>
    lines.length === 0
      ? html`<p class="empty">${words.captionsEmpty}</p>`
      : html`<ol>${lines.map((it) => line(ui, it, it === held))}</ol>`
  return html`<div class="captions" part="captions">
    <div class="scroll" role="log" aria-live="off" aria-label=${words.captionsLabel} tabindex="0" @scroll=${followed}>
      <div>${guard([view.captions, view.speakers, ui.card, words, held], list)}</div>
    </div>
    <button class="newest" type="button" @click=${toNewest}>${words.toNewest}</button>
    <p class="unseen" aria-live="polite" dir="auto">${spokenOf(view)}</p>
  </div>`
}
