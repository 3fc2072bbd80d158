// The microphone: what is asked, what was answered, and the way back to it.

import {html, nothing, svg, type TemplateResult} from 'lit/html.js'
import {browserOf, steps, type Way} from '../help/browser.ts'
import {pictures} from '../help/loading.ts'
import {copied, copy} from '../parts/copying.ts'
import {buttons, type Problem, remediesOf} from '../parts/remedies.ts'
import {saying} from '../parts/saying.ts'
import {icon} from '../parts/signs.ts'
import type {Ui} from '../ui.ts'
import {told, type Words} from '../words/words.ts'

/** By what is wrong, as `code` or `code_by` without the `microphone_`: title and a further hint. */
const TITLES = {
  denied_user: ['deniedTitle'],
  denied_system: ['systemTitle'],
  denied_dismissed: ['dismissedTitle'],
  blocked_policy: ['frameTitle', 'tabHint'],
  blocked_sandbox: ['frameTitle', 'tabHint'],
  blocked_insecure: ['insecureTitle'],
  blocked_browser: ['browserTitle'],
  missing: ['missingTitle', 'missingHint'],
  busy_system: ['busyTitle', 'busyHint'],
  busy_page: ['busyTitle'],
  constrained: ['unfitTitle'],
  lost: ['lostTitle'],
} as const satisfies {readonly [what: string]: readonly (keyof Words)[]}

type What = keyof typeof TITLES

function whatOf({code, by}: Problem): What | null {
  const short = code.replace('microphone_', '')
  const known = [`${short}_${by}`, short].find((name): name is What => name in TITLES)
  return known ?? null
}

/** Whether nothing goes on until the question of the microphone is settled; this screen is its place then. */
export function wantsPermission({view}: Pick<Ui, 'view'>): boolean {
  const {screen, microphone, problems} = view
  if (screen === 'connecting') return microphone === 'asking'
  return screen === 'problem' && problems[0] !== undefined && whatOf(problems[0]) !== null
}

function help(ui: Ui, way: Way): TemplateResult {
  const drawn = pictures(() => ui.set({}))
  const items = steps(ui.words, way).map((step, at) => html`<li><p>${step}</p>${drawn?.picture(svg, way, at)}</li>`)
  const back = way === 'system' ? nothing : html`<li><p>${ui.words.helpBack}</p></li>`
  return html`<section class="help"><h3>${ui.words.helpTitle}</h3><ol>${items}${back}</ol></section>`
}

/** For who is not let through: pop-ups may be forbidden, too. */
function address(ui: Ui): TemplateResult | typeof nothing {
  const page = ui.card?.page
  if (!page || ui.shape === 'kiosk') return nothing
  return html`<div class="address">
    <p class="soft">${ui.words.tabAddress}</p>
    <code dir="ltr">${page}</code>
    <div class="buttons">
      <button type="button" @click=${() => copy(ui, page, page)}>${ui.words.copyAddress}</button>
      ${copied(ui, page)}
    </div>
  </div>`
}

/** The way back to the microphone, step by step; nothing where a button is all it takes. */
export function recovery(ui: Ui, problem: Problem): TemplateResult | typeof nothing {
  switch (whatOf(problem)) {
    case 'denied_user':
      return help(ui, browserOf(navigator))
    case 'denied_system':
      return help(ui, 'system')
    case 'blocked_policy':
    case 'blocked_sandbox':
      return address(ui)
    default:
      return nothing
  }
}

function asking({words, act}: Ui): TemplateResult {
  return html`<div class="calm permission" data-what="asking">
    <div class="emblem">${icon('microphone')}</div>
    <h2>${words.askingTitle}</h2>
    <p>${words.askingText}</p>
    <p class="soft">${words.askWhy}</p>
    <p class="soft">${words.orType}</p>
    ${buttons([{label: words.toText, act: () => act.start('text')}], true)}
  </div>`
}

export function permission(ui: Ui): TemplateResult {
  const problem = ui.view.problems[0]
  const what = problem === undefined ? null : whatOf(problem)
  if (problem === undefined || what === null) return asking(ui)
  const [title, hint] = TITLES[what]
  return html`<div class="calm permission" data-what=${what}>
    <div class="emblem">${icon('muted')}</div>
    ${saying(ui.words[title], told(ui.words, 'problem', problem))}
    ${hint === undefined ? nothing : html`<p class="soft">${ui.words[hint]}</p>`}
    ${buttons(remediesOf(ui, problem), true)}
    ${recovery(ui, problem)}
  </div>`
}
