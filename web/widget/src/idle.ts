// A kiosk whose caller has gone away: asked whether somebody is there, then wiped for the next one.

import type {First, Local} from './ui.ts'

/** As long as the question stands before everything is wiped. */
export const WARNING_S = 15

/**
 * @param quietS how long nobody has touched, typed or said anything.
 * @param resetS the agent's own: how long a kiosk waits.
 * @returns seconds until everything is wiped, 0 for now, null while there is no need to say so.
 */
export function leftAfter(quietS: number, resetS: number): number | null {
  const left = Math.ceil(resetS - quietS)
  return left <= 0 ? 0 : left <= Math.min(WARNING_S, resetS / 2) ? left : null
}

/** What counts as somebody being there, without looking at any word. */
function signs({view}: First): string {
  const said = view.captions.filter(({who}) => who === 'caller').length
  return `${said} ${view.floor.turn === 'caller'} ${view.screen}`
}

/** Answers with a function that ends the watch. */
export function watchIdle(
  frame: HTMLElement,
  now: () => First,
  set: (change: Partial<Local>) => void,
  wipe: () => void,
): () => void {
  let seenAt = performance.now()
  let last = ''
  const seen = () => {
    seenAt = performance.now()
    if (now().local.idleLeftS !== null) set({idleLeftS: null})
  }
  const look = () => {
    const ui = now()
    const sign = signs(ui)
    if (sign !== last || !ui.local.open) seen()
    last = sign
    const resetS = ui.card?.idle_reset_s ?? DEFAULT_RESET_S
    const left = leftAfter((performance.now() - seenAt) / 1000, resetS)
    if (left === 0) wipe()
    else if (left !== ui.local.idleLeftS) set({idleLeftS: left})
  }
  const timer = setInterval(look, 1000)
  const events = ['pointerdown', 'keydown', 'input'] as const
  for (const name of events) frame.addEventListener(name, seen, {capture: true, passive: true})
  return () => {
    clearInterval(timer)
    for (const name of events) frame.removeEventListener(name, seen, {capture: true})
  }
}

/** Where an agent's file names none: a minute, as long as people look for words. Not tuned. */
const DEFAULT_RESET_S = 60
