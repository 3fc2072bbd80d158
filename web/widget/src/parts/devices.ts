// Which microphone.

import {html, type TemplateResult} from 'lit/html.js'
import type {VoiceCall} from '../../../sdk/src/index.ts'
import type {Ui} from '../ui.ts'
import {fill} from '../words/words.ts'

/** Calls whose microphones were looked for: a drawing asks once. */
const asked = new WeakSet<VoiceCall>()

async function look(ui: Ui): Promise<void> {
  asked.add(ui.call)
  ui.set({devices: await ui.call.devices()})
}

/** Lets the caller choose among the microphones that are there now. */
export async function chooseDevice(ui: Ui): Promise<void> {
  await look(ui)
  ui.set({sheet: 'devices'})
}

async function use(ui: Ui, id: string): Promise<void> {
  ui.set({sheet: ''})
  await ui.call.useMicrophone(id)
  const {screen, mode} = ui.call.view
  if (screen === 'problem') ui.act.start('voice')
  else if (mode === 'text') ui.act.setMode('voice')
}

export function devices(ui: Ui): TemplateResult {
  const {words, local, call} = ui
  if (local.devices.length === 0 && !asked.has(call)) void look(ui)
  const list = local.devices.map(
    ({id, label}, at) => html`<li>
      <button class="wide" type="button" dir="auto" @click=${() => use(ui, id)}>
        ${label || fill(words.deviceNumber, {n: at + 1})}
      </button>
    </li>`,
  )
  return html`<div class="devices">
    ${list.length > 0 ? html`<ul>${list}</ul>` : html`<p class="empty">${words.devicesNone}</p>`}
    <button type="button" @click=${() => look(ui)}>${words.devicesAgain}</button>
  </div>`
}
