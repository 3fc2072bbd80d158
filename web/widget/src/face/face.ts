// The faces of the stage: a large one of who leads the talk, small ones of who looks on.

import {html, type TemplateResult} from 'lit/html.js'
import {colourOf, listOf} from '../parts/colours.ts'
import type {First} from '../ui.ts'
import {lively} from './lively.ts'
import {leading, moodOf} from './mood.ts'

export function face(ui: First): TemplateResult {
  const lead = leading(ui)
  const speakers = listOf(ui)
  // before anybody is known somebody is there already
  const ids = speakers.length > 0 ? speakers.map(({id}) => id) : ['']
  return html`<div class="faces" part="face" aria-hidden="true">
    ${ids.map((id) => one(ui, id === lead, colourOf(ui, id)))}
  </div>`
}

function one(ui: First, leads: boolean, colour: number): TemplateResult {
  const mood = moodOf(ui.view, leads)
  return html`<svg class="face" data-colour=${colour} ?data-leads=${leads} viewBox="0 0 200 200" ${lively(ui, mood)}>
    <circle class="ring" cx="100" cy="104" r="90" />
    <g class="head">
      <path class="skin" d="M100 24c52 0 80 30 80 82s-28 78-80 78-80-26-80-78 28-82 80-82Z" />
      <g class="features">
        <ellipse class="cheek" cx="56" cy="122" rx="12" ry="8" />
        <ellipse class="cheek" cx="144" cy="122" rx="12" ry="8" />
        <path class="brow leftBrow" />
        <path class="brow rightBrow" />
        <path class="eye leftEye" />
        <path class="eye rightEye" />
        <g class="light"><circle cx="76" cy="92" r="2.6" /><circle cx="130" cy="92" r="2.6" /></g>
        <path class="mouth" />
        <path class="tongue" />
      </g>
    </g>
  </svg>`
}
