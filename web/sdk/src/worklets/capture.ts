// The microphone's processor: hands each quantum to the capturer, and what comes of it to the worker.
//
//   new AudioWorkletNode(context, 'viva-capture', {...CAPTURE_NODE, processorOptions: {gate}})

import {Capturer} from '../audio/capturer.ts'
import {GATES, type GatePreset} from '../audio/noisegate.ts'
import type {CaptureToWorker, WorkerToCapture} from '../ports.ts'
import {register} from './connect.ts'
import type {Room} from './room.ts'

export function registerCapture(room: Room): void {
  register<WorkerToCapture, CaptureToWorker, {readonly gate?: GatePreset}>('viva-capture', ({gate}, tell) => {
    const capturer = new Capturer(room.rate, room, tell, gate && GATES[gate])
    return {
      receive: (message) => capturer.receive(message),
      quantum: (inputs) => capturer.quantum(currentFrame, inputs[0]?.[0]),
      renew: () => capturer.renew(),
      stop: () => capturer.stop(),
    }
  })
}
