// Nothing goes on: why, and what helps. What is about the microphone has its own screen.

import {html, type TemplateResult} from 'lit/html.js'
import {face} from '../face/face.ts'
import {saying} from '../parts/saying.ts'
import type {Ui} from '../ui.ts'
import {told} from '../words/words.ts'

type Button = readonly [text: string, act: () => void]

export function trouble(ui: Ui): TemplateResult {
  const {words, view} = ui
  const [problem] = view.problems
  if (problem === undefined) return page(ui, words.brokenTitle, '', [words.actRestart, () => ui.act.start(view.mode)])
  return page(ui, titleOf(ui, problem.code), told(words, 'problem', problem), helpOf(ui, problem.action))
}

/** There is no card, so there is nobody to talk with yet. */
export function noCard(ui: Ui): TemplateResult {
  const {words} = ui
  switch (ui.local.cardTrouble) {
    case 'not_found':
      return page(ui, words.unknownTitle, words.unknownText, [words.actRetry, () => ui.act.retry()])
    case 'refused':
      return page(ui, words.refusedTitle, words.refusedText, [words.openPage, () => ui.act.openTab()])
    default:
      return page(ui, words.unreachableTitle, words.unreachableText, [words.actRetry, () => ui.act.retry()])
  }
}

function titleOf({words, view}: Ui, code: string): string {
  const titles: {readonly [code: string]: string} = {
    not_found: words.unknownTitle,
    refused: words.refusedTitle,
    busy: words.busyLinesTitle,
    unreachable: words.unreachableTitle,
    elsewhere: words.replacedTitle,
  }
  return titles[code] ?? (view.connection === 'lost' ? words.lostLineTitle : words.brokenTitle)
}

function helpOf({words, act, view}: Ui, action: string): Button {
  switch (action) {
    case 'retry':
      return [words.actRetry, () => act.start(view.mode)]
    case 'restart':
      return [words.actRestart, () => act.start(view.mode)]
    case 'reload':
      return [words.actReload, () => location.reload()]
    case 'use_text':
      return [words.startText, () => act.start('text')]
    case 'open_tab':
      return [words.actTab, () => act.openTab()]
    default:
      return [words.openPage, () => act.openTab()]
  }
}

function page(ui: Ui, title: string, text: string, button: Button): TemplateResult {
  return html`<div class="calm">
    <div class="portrait">${face(ui)}</div>
    ${saying(title, text)}
    <button type="button" part="button" class="main" data-first @click=${button[1]}>${button[0]}</button>
  </div>`
}
