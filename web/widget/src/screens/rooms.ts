// Which screen it is once more is there than the start, and what lies over it.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {devices} from '../parts/devices.ts'
import {eraseSheet} from '../parts/erase.ts'
import {facts} from '../parts/facts.ts'
import {languages, menu} from '../parts/menu.ts'
import {over} from '../parts/over.ts'
import {transcript} from '../parts/transcript.ts'
import {isOn, type Ui} from '../ui.ts'
import {connecting} from './connecting.ts'
import {ended} from './ended.ts'
import {idle} from './kiosk.ts'
import {permission, wantsPermission} from './permission.ts'
import {talk} from './talk.ts'
import {noCard, trouble} from './trouble.ts'

export function room(ui: Ui): TemplateResult {
  return html`${screen(ui)}${beside(ui)}`
}

function screen(ui: Ui): TemplateResult {
  const {view} = ui
  if (wantsPermission(ui)) return permission(ui)
  if (view.screen === 'connecting') return connecting(ui)
  if (isOn(view)) return talk(ui)
  if (view.screen === 'start') return noCard(ui)
  return view.screen === 'ended' ? ended(ui) : trouble(ui)
}

/** A page has room for the facts beside the talk; the style sheet says when. No board is drawn twice. */
function beside(ui: Ui): TemplateResult | typeof nothing {
  const isThere = ui.shape === 'page' && isOn(ui.view) && ui.view.fields.length > 0 && ui.local.sheet !== 'facts'
  return isThere ? html`<aside class="beside">${facts(ui)}</aside>` : nothing
}

export function above(ui: Ui): TemplateResult {
  return html`${sheet(ui)}${idle(ui)}`
}

function sheet(ui: Ui): TemplateResult | typeof nothing {
  const {words} = ui
  switch (ui.local.sheet) {
    case '':
      return nothing
    case 'menu':
      return menu(ui)
    case 'transcript':
      return over(ui, words.transcript, transcript(ui))
    case 'facts':
      return over(ui, words.factsTitle, facts(ui))
    case 'languages':
      return over(ui, words.language, languages(ui))
    case 'devices':
      return over(ui, words.devicesTitle, devices(ui))
    case 'erase':
      return eraseSheet(ui)
  }
}
