// Dresses a frame: the sheets of the widget, and the colours of the night when they are wanted.

import type {Shape} from '../ui.ts'
import base from './base.css'
import dark from './dark.css'
import face from './face.css'
import screens from './screens.css'
import {adopt, sheet} from './sheets.ts'
import tokens from './tokens.css'

export interface Clothes {
  /** `light`, `dark`, or what the reader's device says. */
  theme(wanted: string): void
  add(looks: readonly string[]): void
}

const NIGHT: {readonly [theme: string]: string} = {light: 'not all', dark: 'all'}

/** From where people stand before a screen on a wall everything looks smaller; a low one has no room to give. */
function onAWall(height: number): number {
  return Math.min(1.4, Math.max(1, height / 760))
}

export function wear(frame: HTMLElement, theme: string, shape: Shape): Clothes {
  const root = frame.getRootNode() as ShadowRoot
  // the reader's own size of letters, whatever the page has made of a rem
  const size = Number.parseFloat(getComputedStyle(frame).fontSize)
  frame.style.setProperty('--rem', `${shape === 'kiosk' ? size * onAWall(window.innerHeight) : size}px`)
  const night = sheet(dark)
  const clothes: Clothes = {
    theme(wanted) {
      night.media.mediaText = NIGHT[wanted] ?? '(prefers-color-scheme: dark)'
    },
    add(looks) {
      adopt(root, [...root.adoptedStyleSheets, ...looks.map((text) => sheet(text))])
    },
  }
  clothes.theme(theme)
  clothes.add([tokens, base, screens, face])
  adopt(root, [...root.adoptedStyleSheets, night])
  return clothes
}
