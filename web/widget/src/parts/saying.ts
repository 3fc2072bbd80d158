// Why nothing goes on: a title, and what it means.

import {html, type TemplateResult} from 'lit/html.js'

/** What a text says after the sentence that its title has said already. */
export function beyond(title: string, text: string): string {
  if (!text.startsWith(title)) return text
  return /^[.!。।]\s*(\S.*)$/su.exec(text.slice(title.length))?.[1] ?? text
}

/** Told at once to who does not see it; the buttons below it are not read out with it. */
export function saying(title: string, text: string): TemplateResult {
  return html`<div class="saying" role="alert"><h2>${title}</h2><p>${beyond(title, text)}</p></div>`
}
