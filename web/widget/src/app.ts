// The whole picture: header, one screen, and what lies over it.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {header} from './parts/header.ts'
import {coming} from './screens/coming.ts'
import {connecting} from './screens/connecting.ts'
import {start} from './screens/start.ts'
import {talk} from './screens/talk.ts'
import {isOn, type More, type Ui} from './ui.ts'
import {fill} from './words/words.ts'

export function app(ui: Ui): TemplateResult {
  const {shape, view, card, words, local, more} = ui
  const title = view.title || card?.title || ''
  if (shape === 'kiosk' && !local.open) return more ? more.attract(ui) : html``
  return html`<section
    class="panel ${shape === 'bubble' ? 'float' : shape}"
    part="panel"
    role=${shape === 'bubble' ? 'dialog' : 'region'}
    aria-label=${title ? fill(words.panelLabel, {title}) : words.talkWithUs}
    tabindex="-1"
    data-screen=${view.screen}
    ?hidden=${!local.open}
  >
    <div class="inside" lang=${ui.lang} dir=${ui.dir}>
      ${header(ui)}
      <div class="room" ?inert=${local.sheet !== '' || local.idleLeftS !== null}>${screen(ui)}${beside(ui)}</div>
      ${local.sheet === '' ? nothing : more ? sheet(ui, more) : html`<div class="over">${coming(ui)}</div>`}
      ${more && local.idleLeftS !== null ? more.idle(ui) : nothing}
    </div>
  </section>`
}

/** Whether something is to be drawn that only `more.ts` can draw. */
export function needsMore({shape, view, local}: Ui): boolean {
  return (
    shape === 'kiosk' ||
    local.sheet !== '' ||
    local.cardTrouble !== '' ||
    view.microphone === 'asking' ||
    view.screen === 'ended' ||
    view.screen === 'problem' ||
    view.fields.length > 0 ||
    view.shown.length > 0
  )
}

function screen(ui: Ui): TemplateResult {
  const {view, local, more} = ui
  if (more?.wantsPermission(ui)) return more.permission(ui)
  if (view.screen === 'connecting') return connecting(ui)
  if (isOn(view)) return talk(ui)
  if (view.screen === 'start' && local.cardTrouble === '') return start(ui)
  if (!more) return coming(ui)
  if (view.screen === 'start') return more.noCard(ui)
  return view.screen === 'ended' ? more.ended(ui) : more.trouble(ui)
}

/** A page has room for the facts beside the talk; the style sheet says when. */
function beside(ui: Ui): TemplateResult | typeof nothing {
  const isThere = ui.shape === 'page' && isOn(ui.view) && ui.view.fields.length > 0
  return ui.more && isThere ? html`<aside class="beside">${ui.more.facts(ui)}</aside>` : nothing
}

function sheet(ui: Ui, more: More): TemplateResult | typeof nothing {
  const {words} = ui
  switch (ui.local.sheet) {
    case '':
      return nothing
    case 'menu':
      return more.menu(ui)
    case 'transcript':
      return more.over(ui, words.transcript, more.transcript(ui))
    case 'facts':
      return more.over(ui, words.factsTitle, more.facts(ui))
    case 'languages':
      return more.over(ui, words.language, more.languages(ui))
    case 'devices':
      return more.over(ui, words.devicesTitle, more.devices(ui))
    case 'erase':
      return more.eraseSheet(ui)
  }
}
