// All that was said, to read, to copy and to keep.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {titleOf, type Ui} from '../ui.ts'
import {fill} from '../words/words.ts'
import {colourOf} from './colours.ts'
import {copied, copy} from './copying.ts'
import {nameOf} from './speakers.ts'

/** @param now milliseconds since 1970. */
export function asText(ui: Ui, now: number): string {
  const date = new Intl.DateTimeFormat(ui.lang, {dateStyle: 'long'}).format(now)
  const head = fill(ui.words.transcriptHead, {title: titleOf(ui), date})
  const lines = ui.view.captions.map(({who, text}) => `${nameOf(ui, who)}: ${text}`)
  return `${[head, ...lines].join('\n\n')}\n`
}

function save(ui: Ui): void {
  const now = Date.now()
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([asText(ui, now)], {type: 'text/plain;charset=utf-8'}))
  link.download = `${ui.card?.agent || 'talk'}-${new Date(now).toISOString().slice(0, 10)}.txt`
  link.click()
  // the browser has taken it when it comes back to us
  setTimeout(() => URL.revokeObjectURL(link.href))
}

export function transcript(ui: Ui): TemplateResult {
  const {view, words, shape} = ui
  const lines = view.captions.map(
    ({who, text}) => html`<li class=${who === 'caller' ? 'mine' : 'theirs'} data-colour=${colourOf(ui, who)}>
      <b><bdi>${nameOf(ui, who)}</bdi></b><p><span dir="auto">${text}</span></p>
    </li>`,
  )
  if (lines.length === 0) return html`<p class="empty">${words.transcriptEmpty}</p>`
  // what somebody said to a screen in a hall stays with that screen
  const takeAway =
    shape === 'kiosk'
      ? nothing
      : html`<div class="buttons">
          <button type="button" @click=${() => copy(ui, view.captions, asText(ui, Date.now()))}>
            ${words.copyText}
          </button>
          <button type="button" @click=${() => save(ui)}>${words.saveText}</button>
          ${copied(ui, view.captions)}
        </div>`
  return html`<div class="transcript">${takeAway}<ol>${lines}</ol></div>`
}
