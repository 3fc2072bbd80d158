import type {BuildOptions, Plugin} from 'esbuild'

export const SHARED: BuildOptions & {readonly write: false}
export const sheets: Plugin
export function make(): Promise<Readonly<Record<string, string>>>
