// Before anything is asked or sent: who will talk, who hears it, what is kept; the caller decides, and begins.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {Card} from '../card.ts'
import {face} from '../face/face.ts'
import {icon} from '../parts/icons.ts'
import type {First} from '../ui.ts'
import {lasting, listed} from '../words/times.ts'
import {fill} from '../words/words.ts'

export function start(ui: First): TemplateResult {
  const {card, words, local, lang, act} = ui
  return html`<div class="calm start">
    <div class="portrait">${face(ui)}</div>
    <h2 dir="auto">${card?.title ?? words.talkWithUs}</h2>
    ${card === null ? nothing : html`<p><bdi dir=${ui.dir}>${whom(card, lang)}</bdi> · ${fill(words.atMost, {time: lasting(card.minutes, 'minute', lang)})}</p>`}
    <ul class="told">
      <li>${icon('voice')}<span>${words.aiBadgeLong}</span></li>
      ${card === null ? html`<li>${icon('record')}<span>${words.youDecideLater}</span></li>` : disclosed(ui, card)}
    </ul>
    <div class="begin">
      ${card?.record === 'ask' ? question(ui) : nothing}
      <button type="button" part="button" class="main big" data-first @click=${() => act.start('voice')}>
        ${icon('microphone')}<span>${local.resumable ? words.startAgain : words.startTalk}</span>
      </button>
      <button type="button" class="plain" @click=${() => act.start('text')}>${words.startText}</button>
      <p class="hint">${words.startNote}</p>
    </div>
  </div>`
}

/** "Alex, Maya and Rob". */
function whom({speakers}: Card, lang: string): string {
  return new Intl.ListFormat(lang, {type: 'conjunction'}).format(speakers.map(({name, id}) => name || id))
}

function disclosed({words, lang}: First, {processor, keep, record}: Card): TemplateResult {
  const kept = (what: string, days: number | null) => fill(words.keptItem, {what, time: timeOf(days)})
  const timeOf = (days: number | null) =>
    days === null ? words.keptOpen : days === 0 ? words.keptNever : lasting(days, 'day', lang)
  const items = [
    ...(record === 'never' ? [] : [kept(words.keptSound, keep.audio_days)]),
    kept(words.keptWords, keep.transcript_days),
    kept(words.keptFacts, keep.facts_days),
  ]
  const recorded = {always: words.recordAlways, never: words.recordNever, ask: ''}[record]
  return html`<li>
      ${icon('hears')}<span
        >${processor === '' ? words.hearsNobody : fill(words.hearsCompany, {company: processor})}</span
      >
    </li>
    ${recorded ? html`<li>${icon('record')}<span>${recorded}</span></li>` : nothing}
    <li>${icon('clock')}<span>${fill(words.keptLine, {list: listed(items, lang)})}</span></li>`
}

function question(ui: First): TemplateResult {
  const {words, local} = ui
  return html`<label class="question">
    <input
      type="checkbox"
      .checked=${local.record === true}
      @change=${({target}: Event) => ui.set({record: target instanceof HTMLInputElement && target.checked})}
    />
    <span class="box">${icon('tick')}</span>
    <span><b>${words.recordAsk}</b><small>${words.recordAskHint}</small></span>
  </label>`
}
