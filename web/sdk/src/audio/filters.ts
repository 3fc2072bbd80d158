// The optional filter chain before what is sent (mission V4), as numbers; `session/chain.ts` builds the nodes.

export type FilterPreset = 'light' | 'medium' | 'aggressive'

export interface FilterNumbers {
  readonly highpassHz: number
  readonly lowpassHz: number
  /** Of the compressor, `ratio`:1. */
  readonly ratio: number
}

/**
 * Given by the mission. A low-pass above 8 kHz changes nothing that is sent at 16 kHz by itself; together with the
 * resampler's own slope it keeps hiss from folding back.
 */
export const FILTERS: Readonly<Record<FilterPreset, FilterNumbers>> = {
  light: {highpassHz: 70, lowpassHz: 11_000, ratio: 4},
  medium: {highpassHz: 90, lowpassHz: 9_000, ratio: 8},
  aggressive: {highpassHz: 120, lowpassHz: 7_000, ratio: 16},
}

/**
 * The rest of the compressor, in dB and seconds. Above −24 dBFS is loud speech; with the attack of a syllable's onset
 * and the release of a pause between words it does not pump. Not tuned.
 */
export const COMPRESSOR = {threshold: -24, knee: 12, attack: 0.005, release: 0.15} as const
