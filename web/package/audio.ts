// `vivavoce/audio`: the parts of the sound path that need no browser. Samples are floats from -1 to 1.

export {VoiceBands} from '../sdk/src/audio/bands.ts'
export {FILTERS, type FilterNumbers, type FilterPreset} from '../sdk/src/audio/filters.ts'
export {FRAME_SAMPLES, Framer, type FrameSink, MIC_HZ} from '../sdk/src/audio/framer.ts'
export {Meter} from '../sdk/src/audio/meter.ts'
export {GATES, type GateNumbers, type GatePreset, NoiseGate} from '../sdk/src/audio/noisegate.ts'
export {Resampler} from '../sdk/src/audio/resample.ts'
