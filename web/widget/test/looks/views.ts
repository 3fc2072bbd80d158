// What is looked at: every state by day in its panel; those that show all screens also by night, on a phone and from
// right to left; and on a page of their own.

import {STATES} from '../gallery/states.ts'

export interface Look {
  readonly set: string
  readonly state: string
  /** Of the gallery. */
  readonly address: string
  readonly viewport: {readonly width: number; readonly height: number}
}

const DESK = {width: 500, height: 784}
const PHONE = {width: 390, height: 844}
const WIDE = {width: 1100, height: 720}

const ALL = Object.keys(STATES)

/** Together they show every screen, part and sheet. */
export const SCREENS = [
  'start-ask',
  'unreachable',
  'languages',
  'connecting',
  'busy',
  'talk-first',
  'talk-agent',
  'talk-muted',
  'talk-pushed',
  'talk-asks-consent',
  'text',
  'reconnecting',
  'microphone-silent',
  'microphone-denied',
  'microphone-policy',
  'menu',
  'transcript',
  'facts',
  'edit-email',
  'asking-number',
  'shown-table',
  'shown-sum',
  'ended',
  'erase-failed',
  'kiosk-attract',
]

function looks(set: string, states: readonly string[], query: string, viewport: Look['viewport']): Look[] {
  return states.map((state) => ({set, state, address: `?state=${state}&${query}`, viewport}))
}

export const DAY = looks('day', ALL, 'theme=light', DESK)
export const NIGHT = looks('night', ALL, 'theme=dark', DESK)

/** Those of which a picture is kept. */
export const KEPT: readonly Look[] = [
  ...DAY,
  ...NIGHT.filter(({state}) => SCREENS.includes(state)),
  ...looks('right-to-left', SCREENS, 'theme=light&lang=ar', DESK),
  ...looks('phone', SCREENS, 'theme=light', PHONE),
  ...looks('page', ['start-ask', 'talk-agent', 'shown-table', 'ended'], 'theme=light&shape=page', WIDE),
]
