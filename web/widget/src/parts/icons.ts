// Signs: strokes on a grid of 24, drawn in the colour of the text around them. Those of header and start screen.

import {svg, type TemplateResult} from 'lit/html.js'

export const FIRST_SIGNS = {
  close: 'M6 6l12 12M18 6L6 18',
  more: 'M5.5 11.9v.2M12 11.9v.2M18.5 11.9v.2',
  voice: 'M12 4v16M7.5 8.5v7M16.5 8.5v7M3.5 11v2M20.5 11v2',
  hears: 'M7 17c0 2 1.3 3.5 3 3.5 3.5 0 3-4 5-5.5s3-3.2 3-5.5a6 6 0 0 0-12 0M15 9.5a3 3 0 0 0-6 0',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2',
  record: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  microphone: 'M12 3.5a3 3 0 0 0-3 3V11a3 3 0 0 0 6 0V6.5a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v3',
  tick: 'M5 12.5l4.5 4.5L19 7.5',
} as const

export function icon(name: keyof typeof FIRST_SIGNS): TemplateResult {
  return drawn(FIRST_SIGNS[name])
}

export function drawn(path: string): TemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`
}
