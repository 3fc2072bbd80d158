// What is behind the three dots, and the choice of a language.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import {isOn, type Ui} from '../ui.ts'
import {LANGUAGES, ownName} from '../words/choosing.ts'
import {shown} from './consent.ts'
import {icon, type Sign} from './signs.ts'

type Item = readonly [sign: Sign, text: string, act: () => void]

export function menu(ui: Ui): TemplateResult {
  const away = () => ui.set({sheet: ''})
  return html`<div class="behind" @click=${away}></div>
    <div class="menu" role="menu" aria-label=${ui.words.menu} data-first tabindex="-1" @keydown=${walk}>
      ${itemsOf(ui).map(
        ([sign, text, act]) =>
          html`<button
            type="button"
            role="menuitem"
            @click=${() => {
              away()
              act()
            }}
          >
            ${icon(sign)}<span>${text}</span>
          </button>`,
      )}
    </div>`
}

function itemsOf(ui: Ui): Item[] {
  const {view, words, card, shape, call, local} = ui
  const isErased = local.erasure === 'done'
  const on = isOn(view)
  const said = view.captions.length > 0
  const recorded = view.consent === 'given'
  const items: (Item | false)[] = [
    said && !isErased && ['lines', words.transcript, () => ui.set({sheet: 'transcript'})],
    view.fields.length > 0 && !isErased && ['check', words.factsTitle, () => ui.set({sheet: 'facts'})],
    ['globe', words.language, () => ui.set({sheet: 'languages'})],
    on && view.mode === 'voice' && ['microphone', words.devicesTitle, () => ui.set({sheet: 'devices'})],
    on && recorded && ['record', words.recordingStop, () => call.consent('withdrawn', shown(ui))],
    on &&
      card?.record === 'ask' &&
      (view.consent === 'refused' || view.consent === 'withdrawn') && [
        'record',
        words.recordingStart,
        () => call.consent('given', shown(ui)),
      ],
    shape !== 'page' && shape !== 'kiosk' && card !== null && ['tab', words.actTab, () => ui.act.openTab()],
    view.mayErase && ['bin', words.eraseThis, () => ui.set({sheet: 'erase', erasure: ''})],
  ]
  return items.filter((item) => item !== false)
}

/** Up and down go from one to the next, as in every menu. */
function walk(event: KeyboardEvent): void {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
  if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return
  event.preventDefault()
  const items = [...event.currentTarget.querySelectorAll('button')]
  const at = items.findIndex((item) => item.matches(':focus'))
  items.at(at === -1 && step === 1 ? 0 : (at + step) % items.length)?.focus()
}

export function languages(ui: Ui): TemplateResult {
  const spoken = ui.card?.languages.includes('auto') ?? false
  return html`<ul class="choice">
      ${LANGUAGES.map(
        (tag) =>
          html`<li>
            <button
              type="button"
              lang=${tag}
              aria-pressed=${tag === ui.lang}
              @click=${() => {
                ui.set({sheet: ''})
                ui.act.setLanguage(tag)
              }}
            >
              ${ownName(tag)}${tag === ui.lang ? icon('tick') : nothing}
            </button>
          </li>`,
      )}
    </ul>
    ${spoken ? html`<p class="hint">${ui.words.languageHint}</p>` : nothing}`
}
