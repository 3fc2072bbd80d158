// Faults on their way to the gateway: at most one report a second, and only when there is something to report.

import type {Fault} from './protocol.ts'
import {MAX_FAULTS} from './protocol.ts'

const REPORT_EVERY_S = 1

export type Health = {readonly faults: readonly Required<Fault>[]; readonly reportedAt: number}

export const healthy: Health = {faults: [], reportedAt: 0}

/** A full report counts those of one kind together. */
export function noteFault(health: Health, fault: Required<Fault>): Health {
  const faults = [...health.faults]
  const same = faults.length < MAX_FAULTS ? -1 : faults.map(({what}) => what).lastIndexOf(fault.what)
  const before = faults[same]
  if (before === undefined) faults.push(fault)
  else faults[same] = {...before, ms: before.ms + fault.ms, count: before.count + fault.count}
  return {...health, faults: faults.slice(-MAX_FAULTS)}
}

/** When the next report is due; null for never. */
export function reportAt({faults, reportedAt}: Health): number | null {
  return faults.length > 0 ? reportedAt + REPORT_EVERY_S : null
}
