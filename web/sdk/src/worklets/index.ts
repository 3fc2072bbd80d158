// The one script that the page loads into its AudioContext: makes the room and registers the processors in it.

import {registerCapture} from './capture.ts'
import {registerMeter} from './meter.ts'
import {registerPlayback} from './playback.ts'
import {Room} from './room.ts'

const room = new Room(Math.round(sampleRate))
registerPlayback(room)
registerCapture(room)
registerMeter()
