// All signs: those of the start screen, and what the talk has beyond them.

import type {TemplateResult} from 'lit/html.js'
import {drawn, FIRST_SIGNS} from './icons.ts'

const SIGNS = {
  ...FIRST_SIGNS,
  globe: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c-5 5-5 12 0 17M12 3.5c5 5 5 12 0 17',
  lines: 'M5 7h14M5 12h14M5 17h9',
  bin: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.5 11v5M13.5 11v5',
  tab: 'M13 4.5h6.5V11M19.5 4.5L11 13M9.5 6H4.5v13.5H18v-5',
  check: 'M4.5 5.5h15v13h-15zM8 12l3 3 5-6',
  muted:
    'M9 9V6.5a3 3 0 0 1 6 0V11M14.2 13A3 3 0 0 1 9 11M5.5 11a6.5 6.5 0 0 0 10.6 5M18.5 11a6.5 6.5 0 0 1-.7 2.9M12 17.5v3M4 4l16 16',
  keyboard: 'M3 6.5h18v11H3zM6.5 10h.01M10 10h.01M14 10h.01M17.5 10h.01M8 14h8',
  hand: 'M8 13.5V6a1.3 1.3 0 0 1 2.6 0v5V4.6a1.3 1.3 0 0 1 2.6 0V11V5.6a1.3 1.3 0 0 1 2.6 0V12V8.2a1.3 1.3 0 0 1 2.6 0V14c0 4.2-2.4 6.5-6 6.5-3.8 0-5.2-2.2-7.6-6.1-.7-1.2.9-2.3 1.9-1.3z',
  end: 'M3.2 14.3c-.5-1.8.4-3.1 1.9-3.8a16 16 0 0 1 13.8 0c1.5.7 2.4 2 1.9 3.8-.3 1-1 1.3-1.9 1.1l-2.6-.7c-.8-.2-1.2-.7-1.2-1.5v-1.5a12 12 0 0 0-6.2 0v1.5c0 .8-.4 1.3-1.2 1.5l-2.6.7c-.9.2-1.6-.1-1.9-1.1z',
  send: 'M12 19V5M6 11l6-6 6 6',
} as const

export type Sign = keyof typeof SIGNS

export function icon(name: Sign): TemplateResult {
  return drawn(SIGNS[name])
}
