// The words of the interface: English is built in and complete, other languages are data that is loaded over it.

import type {English} from './en.ts'

/** Of one language; what is missing in it is said in English. */
export type Words = {readonly [key in keyof English]: string}

/** `{name}` in a sentence is replaced. */
export function fill(sentence: string, values: {readonly [name: string]: string | number}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
