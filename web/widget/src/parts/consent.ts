// Which text about recording stood before the caller's eyes when they decided.

import type {First} from '../ui.ts'

export function shown({words, lang}: Pick<First, 'words' | 'lang'>): {readonly version: string; readonly lang: string} {
  return {version: words.consentVersion, lang}
}
