// The worker's file. In a worker it begins by itself; on a page `serve` is called with one half of a channel.
import {serve} from './socket.ts'
import type {PagePort} from './world.ts'

export {serve}

if ('DedicatedWorkerGlobalScope' in globalThis) serve(globalThis as unknown as PagePort)
