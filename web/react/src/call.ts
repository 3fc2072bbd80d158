// A call that lives as long as the component that holds it.

import {useEffect, useState} from 'react'
import {type CallOptions, createCall, type VoiceCall} from '../../sdk/src/index.ts'

interface Held {
  readonly whom: string
  readonly call: VoiceCall
}

/**
 * A call for which nothing has been done yet: begin it by `call.start()` in an event handler. It stays the same object
 * until another agent, server or ticket is named; the other options are read when it is made. It is left when the
 * component goes.
 *
 * @throws TypeError for options that could never make a call.
 */
export function useCall(options: CallOptions): VoiceCall {
  const whom = JSON.stringify([options.server, options.agent, options.ticket])
  const [held, hold] = useState<Held>(() => ({whom, call: createCall(options)}))
  let {call} = held
  if (held.whom !== whom) {
    call = createCall(options)
    hold({whom, call})
  }
  useEffect(
    () => () => {
      // one that nobody began has nothing to leave, and what a reload has interrupted is still to be come back to
      if (call.view.screen !== 'start') call.leave()
    },
    [call],
  )
  return call
}
