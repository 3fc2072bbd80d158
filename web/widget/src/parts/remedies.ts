// What helps against a problem: buttons, and what they do. A problem without one wants patience.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {View} from '../../../sdk/src/index.ts'
import {isOn, type Ui} from '../ui.ts'
import {chooseDevice} from './devices.ts'

export type Problem = View['problems'][number]

export interface Remedy {
  readonly label: string
  readonly act: () => unknown
}

/** The most helpful first. */
export function remediesOf(ui: Ui, problem: Problem): readonly Remedy[] {
  const {view, words, act, call} = ui
  const go = (mode: 'voice' | 'text') => (isOn(view) ? act.setMode(mode) : act.start(mode))
  const isMicrophone = problem.code.startsWith('microphone_')
  const again = () => go(isMicrophone ? 'voice' : view.mode)
  const type: Remedy = {label: words.toText, act: () => go('text')}
  const instead = view.mode === 'voice' && /^(microphone|sound)_/.test(problem.code) ? [type] : []
  const close = () => call.dismiss(problem.code)
  switch (problem.action) {
    case 'retry':
      return [{label: words.actRetry, act: again}, ...instead]
    case 'restart':
      return [{label: words.actRestart, act: () => act.start(view.mode)}]
    case 'reload':
      return [{label: words.actReload, act: () => location.reload()}]
    case 'use_text':
      return [type]
    case 'allow_microphone':
      return [{label: words.actAllowed, act: again}, ...instead]
    case 'choose_microphone':
      return [{label: words.actChoose, act: () => chooseDevice(ui)}, {label: words.actRetry, act: again}, ...instead]
    case 'open_tab':
      // nothing leads away from a screen that nobody owns
      return ui.shape === 'kiosk' ? instead : [{label: words.actTab, act: () => act.openTab()}, ...instead]
    case 'tap':
      return [{label: words.actTap, act: () => call.unlock()}, ...instead]
    case 'headphones':
      return problem.code === 'half_duplex'
        ? [
            {label: words.gotIt, act: close},
            {label: words.actInterrupt, act: () => call.takeTurns(false)},
          ]
        : [
            {label: words.gotIt, act: close},
            {label: words.actTurns, act: () => call.takeTurns(true)},
          ]
    case '':
      return []
  }
}

/** @param isFirst whether the focus goes to the most helpful one. */
export function buttons(remedies: readonly Remedy[], isFirst = false): TemplateResult | typeof nothing {
  if (remedies.length === 0) return nothing
  const one = ({label, act}: Remedy, at: number) => html`<button
    class=${at === 0 ? 'main' : ''} type="button" part="button" ?data-first=${isFirst && at === 0} @click=${act}
  >${label}</button>`
  return html`<div class="buttons">${remedies.map(one)}</div>`
}
