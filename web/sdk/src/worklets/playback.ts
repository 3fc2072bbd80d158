// The loudspeaker's processor: takes replies from the worker and renders them.
//
//   new AudioWorkletNode(context, 'viva-playback',
//     {numberOfInputs: 0, outputChannelCount: [1], processorOptions: {preset, startMs}})

import {Playout} from '../audio/playout.ts'
import {FAST, SAFE} from '../audio/threshold.ts'
import type {PlaybackToWorker, WorkerToPlayback} from '../ports.ts'
import {register} from './connect.ts'
import type {Room} from './room.ts'

/** What the page gives with the node. */
export interface PlaybackOptions {
  /** Default: fast. */
  readonly preset?: 'fast' | 'safe'
  /** A device that needs more before a reply sounds (60 on iOS); never less than the preset's, nor more than its most. */
  readonly startMs?: number
}

export function registerPlayback(room: Room): void {
  register<WorkerToPlayback, PlaybackToWorker, PlaybackOptions>('viva-playback', ({preset, startMs = 0}, tell) => {
    const settings = preset === 'safe' ? SAFE : FAST
    const playout = new Playout(room.rate, room, tell, {
      ...settings,
      startMs: Math.min(Math.max(startMs, settings.startMs), settings.mostMs),
    })
    return {
      receive: (message) => playout.receive(message),
      quantum(_inputs, outputs) {
        const output = outputs[0]?.[0]
        if (!output) return
        playout.render(output, currentFrame)
        room.far.push(output)
      },
      // the room is left to another
      stop() {
        room.audible = room.held = 0
      },
    }
  })
}
