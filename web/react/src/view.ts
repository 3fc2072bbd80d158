// What a component shows of a call, and nothing else: it is drawn again when its own part of the view has changed.

import {useMemo, useRef, useSyncExternalStore} from 'react'
import type {View, VoiceCall} from '../../sdk/src/index.ts'

/**
 * A part of what is to be shown now: the whole view without a selector. Levels of sound are no part of it; they are
 * asked for by `call.levels()` as often as they are drawn.
 *
 * @param select may be written in place.
 * @param isSame what makes two parts the same, where a selector answers with a new object each time.
 */
export function useView(call: VoiceCall): View
export function useView<Part>(
  call: VoiceCall,
  select: (view: View) => Part,
  isSame?: (before: Part, after: Part) => boolean,
): Part
export function useView<Part>(
  call: VoiceCall,
  select: (view: View) => View | Part = (view) => view,
  isSame: (before: Part, after: Part) => boolean = Object.is,
): View | Part {
  const last = useRef<{readonly part: View | Part} | null>(null)
  const read = useMemo(() => {
    let seen: View | null = null
    let part: View | Part
    return () => {
      if (seen !== call.view) {
        const next = select(call.view)
        // one selector answers, so what it answers is of one kind
        part = last.current !== null && isSame(last.current.part as Part, next as Part) ? last.current.part : next
        seen = call.view
        last.current = {part}
      }
      return part
    }
  }, [call, select, isSame])
  return useSyncExternalStore(call.subscribe, read, read)
}
