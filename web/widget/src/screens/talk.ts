// The talk: who speaks, what is said, what is shown, and how to take part.

import {html, type TemplateResult} from 'lit/html.js'
import {face} from '../face/face.ts'
import {asking} from '../parts/asking.ts'
import {captions} from '../parts/captions.ts'
import {composer} from '../parts/composer.ts'
import {controls} from '../parts/controls.ts'
import {exhibits} from '../parts/exhibits.ts'
import {notices} from '../parts/notices.ts'
import {speakers} from '../parts/speakers.ts'
import type {Ui} from '../ui.ts'

export function talk(ui: Ui): TemplateResult {
  return html`<div class="talk">
    <div class="flow">
      <div class="stage">${face(ui)}${speakers(ui)}</div>
      ${notices(ui)} ${captions(ui)} ${exhibits(ui)} ${asking(ui)}
    </div>
    ${composer(ui)} ${controls(ui)}
  </div>`
}
