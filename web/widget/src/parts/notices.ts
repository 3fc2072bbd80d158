// What the caller should know while the talk goes on, with what they can do about it; and whether it may be recorded.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {recovery} from '../screens/permission.ts'
import type {Ui} from '../ui.ts'
import {told} from '../words/words.ts'
import {shown} from './consent.ts'
import {buttons, type Problem, remediesOf} from './remedies.ts'
import {icon} from './signs.ts'

function putAway({call, words}: Ui, code: string): TemplateResult {
  return html`<button class="sign" type="button" aria-label=${words.gotIt} @click=${() => call.dismiss(code)}>
    ${icon('close')}
  </button>`
}

/** Its words stand in an alert of their own: what can be done about it is not read out with them. */
function problem(ui: Ui): TemplateResult {
  const {view, words} = ui
  const it = view.problems[0]
  return html`<div class="notice" data-kind="problem" role="group" aria-label=${words.troubleLabel} ?hidden=${it === undefined}>
    <p role="alert">${it === undefined ? '' : told(words, 'problem', it)}</p>
    ${it === undefined ? nothing : help(ui, it)}
  </div>`
}

function help(ui: Ui, it: Problem): TemplateResult {
  const {view, words} = ui
  // what stands while the line is down goes by itself
  const mayClose = view.screen !== 'reconnecting'
  const way = recovery(ui, it)
  const summary = it.code === 'microphone_blocked' ? words.tabAddress : words.helpTitle
  return html`${mayClose ? putAway(ui, it.code) : nothing} ${buttons(remediesOf(ui, it))}
    ${way === nothing ? nothing : html`<details><summary>${summary}</summary>${way}</details>`}`
}

function notice(ui: Ui): TemplateResult | typeof nothing {
  const it = ui.view.notices.filter(({text}) => text !== '').at(-1)
  if (it === undefined) return nothing
  return html`<div class="notice"><p>${told(ui.words, 'notice', it)}</p>${putAway(ui, it.code)}</div>`
}

/** Who came by a way without a start screen is asked here; unasked nothing is recorded. */
function recording(ui: Ui): TemplateResult | typeof nothing {
  const {view, words, call} = ui
  if (view.consent !== 'ask') return nothing
  // another text than that of the start screen, and the record says so
  const {version, lang} = shown(ui)
  const say = (decision: 'given' | 'refused') => () => call.consent(decision, {version: `${version} in the talk`, lang})
  return html`<div class="notice">
    <p role="alert">${words.mayRecord}</p>
    ${buttons([
      {label: words.mayRecordYes, act: say('given')},
      {label: words.mayRecordNo, act: say('refused')},
    ])}
  </div>`
}

export function notices(ui: Ui): TemplateResult {
  return html`<div class="notices">
    ${problem(ui)}
    <div role="status">${notice(ui)}</div>
    ${recording(ui)}
  </div>`
}
