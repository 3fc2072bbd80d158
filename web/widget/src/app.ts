// The whole picture: header, one screen, and what lies over it.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {header} from './parts/header.ts'
import {coming} from './screens/coming.ts'
import {start} from './screens/start.ts'
import {type First, isWhole, labelOf} from './ui.ts'

export function app(ui: First): TemplateResult {
  const {shape, view, local} = ui
  const isClosed = !local.open && shape !== 'kiosk'
  // nobody there: it invites, as soon as it can
  if (shape === 'kiosk' && !local.open && !local.isMissing) return isWhole(ui) ? ui.more.attract(ui) : html``
  return html`<section
    class="panel ${shape === 'bubble' ? 'float' : shape}"
    part="panel"
    role=${shape === 'bubble' ? 'dialog' : 'region'}
    aria-label=${labelOf(ui)}
    tabindex="-1"
    data-screen=${view.screen}
    ?hidden=${isClosed}
  >
    <div class="inside" lang=${ui.lang} dir=${ui.dir}>
      ${header(ui)}
      <div class="room" ?inert=${ui.more !== null && (local.sheet !== '' || local.idleLeftS !== null)}>${room(ui)}</div>
      ${isWhole(ui) ? ui.more.above(ui) : nothing}
    </div>
  </section>`
}

function room(ui: First): TemplateResult {
  if (isFirst(ui) && !ui.local.isMissing) return start(ui)
  return isWhole(ui) ? ui.more.room(ui) : coming(ui)
}

function isFirst({view, local}: First): boolean {
  return view.screen === 'start' && local.cardTrouble === ''
}

/** Whether something is to be drawn that only `more.ts` can draw. */
export function needsMore(ui: First): boolean {
  return !isFirst(ui) || ui.shape === 'kiosk' || ui.local.sheet !== ''
}
