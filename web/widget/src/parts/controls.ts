// Microphone, way of talking, end.

import {html, nothing, type TemplateResult} from 'lit/html.js'
import type {VoiceCall} from '../../../sdk/src/index.ts'
import type {Ui} from '../ui.ts'
import {Hold} from './hold.ts'
import {icon, type Sign} from './signs.ts'

/** A press lasts longer than a drawing of the screen. */
const holds = new WeakMap<VoiceCall, Hold>()

function holdOf(call: VoiceCall): Hold {
  const known = holds.get(call) ?? new Hold((on) => call.talk(on))
  holds.set(call, known)
  return known
}

function isKey({key}: KeyboardEvent): boolean {
  return key === ' ' || key === 'Enter'
}

function holdButton({call, view, words}: Ui): TemplateResult {
  const hold = holdOf(call)
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return
    ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
    hold.down(view.talking, event.timeStamp)
  }
  const keyDown = (event: KeyboardEvent) => {
    if (!isKey(event)) return
    event.preventDefault()
    if (!event.repeat) hold.down(view.talking, event.timeStamp)
  }
  const keyUp = (event: KeyboardEvent) => {
    if (!isKey(event)) return
    event.preventDefault()
    hold.up(event.timeStamp)
  }
  // a screen reader presses without pointer and without key
  const click = (event: MouseEvent) => event.detail === 0 && call.talk(!view.talking)
  const label = view.talking ? words.stopTalking : words.holdToTalk
  return html`<button
    class="middle" type="button" part="button" data-does="hold" data-first ?data-on=${view.talking}
    @pointerdown=${down} @pointerup=${(event: PointerEvent) => hold.up(event.timeStamp)}
    @pointercancel=${() => hold.lost()} @blur=${() => hold.lost()}
    @keydown=${keyDown} @keyup=${keyUp} @click=${click} @contextmenu=${(event: Event) => event.preventDefault()}
  >${icon('microphone')}<span>${label}</span></button>`
}

function muteButton({call, view, words}: Ui): TemplateResult {
  const isMuted = view.microphone === 'muted'
  return html`<button
    class="middle" type="button" part="button" data-does="mute" data-first ?data-on=${isMuted} @click=${() => call.mute(!isMuted)}
  >${icon(isMuted ? 'muted' : 'microphone')}<span>${isMuted ? words.unmute : words.mute}</span></button>`
}

function voiceButton({act, words}: Ui): TemplateResult {
  return html`<button
    class="middle" type="button" part="button" data-does="voice" @click=${() => act.setMode('voice')}
  >${icon('microphone')}<span>${words.toVoice}</span></button>`
}

/** @param isOn whether it is on, of what can be; then `onTitle` says what that means. */
function small(
  does: string,
  name: Sign,
  label: string,
  press: () => unknown,
  isOn?: boolean,
  onTitle = '',
): TemplateResult {
  return html`<button
    class="side" type="button" part="button" data-does=${does}
    aria-pressed=${isOn ?? nothing} title=${isOn && onTitle ? onTitle : nothing} @click=${press}
  >${icon(name)}<span>${label}</span></button>`
}

/** Whose pauses are long says that they are through; with push-to-talk, letting go says it. */
function doneButton({call, view, words}: Ui): TemplateResult | typeof nothing {
  if (view.mode !== 'voice' || !view.takesTime || view.pushToTalk) return nothing
  return html`<button class="done" type="button" part="button" data-does="done" @click=${() => call.done()}>${words.iAmDone}</button>`
}

export function controls(ui: Ui): TemplateResult {
  const {call, view, words, act} = ui
  const isVoice = view.mode === 'voice'
  const takesTime = view.takesTime === true
  const pushes = view.pushToTalk
  return html`<div class="controls" part="controls">
    <p class="hint" role="status">${pushes && isVoice ? words.holdHint : nothing}</p>
    ${doneButton(ui)}
    ${
      isVoice
        ? html`${small('time', 'clock', words.takeTime, () => call.takeTime(!takesTime), takesTime, words.takeTimeOn)}
            ${small('push', 'hand', words.pushToTalk, () => call.pushToTalk(!pushes), pushes)}
            ${pushes ? holdButton(ui) : muteButton(ui)}
            ${small('text', 'keyboard', words.toText, () => act.setMode('text'))}`
        : voiceButton(ui)
    }
    ${small('end', 'end', words.endCall, () => call.leave())}
  </div>`
}
