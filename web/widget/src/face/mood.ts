// What a face does, from the state of the call: whose it is, who has the floor.

import {listOf} from '../parts/colours.ts'
import type {First, Known} from '../ui.ts'

/** away: the call is over or stands still; eyes shut. */
export type Mood = 'rest' | 'listens' | 'thinks' | 'speaks' | 'away'

/** The speaker whose turn it is or was last; the first one before anybody has spoken. */
export function leading(ui: Known): string {
  const {floor, captions} = ui.view
  const all = listOf(ui)
  const isSpeaker = (who: string) => all.some(({id}) => id === who)
  if (isSpeaker(floor.holder)) return floor.holder
  const spoke = captions.map(({who}) => who).filter(isSpeaker)
  return spoke.at(-1) ?? all[0]?.id ?? ''
}

/** @param leads whether the stage is this face's; the others look on. */
export function moodOf({screen, floor}: First['view'], leads: boolean): Mood {
  if (screen === 'ended' || screen === 'problem') return 'away'
  if (!leads || screen === 'start') return 'rest'
  if (screen === 'connecting' || screen === 'reconnecting') return 'thinks'
  const moods = {open: 'rest', caller: 'listens', held: 'listens', waiting: 'thinks', agent: 'speaks'} as const
  return moods[floor.turn]
}
