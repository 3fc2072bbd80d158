// Where each browser keeps the leave for a microphone, in words. The pictures to it are a file of their own.

import type {Words} from '../words/words.ts'

export type Browser = 'chrome' | 'edge' | 'firefox' | 'safari' | 'iphone' | 'android' | 'other'

/** Which way leads back to the microphone; `system` where the device keeps it from every page. */
export type Way = Browser | 'system'

/** The order counts: Edge says that it is Chrome, Chrome that it is Safari, and all on an iPhone that they are. */
export function browserOf(agent: {readonly userAgent: string; readonly maxTouchPoints?: number}): Browser {
  const {userAgent, maxTouchPoints = 0} = agent
  if (/iPhone|iPad|iPod/.test(userAgent)) return /CriOS|FxiOS|EdgiOS/.test(userAgent) ? 'other' : 'iphone'
  // an iPad says it is a Macintosh; no Macintosh has a touch screen
  if (userAgent.includes('Macintosh') && maxTouchPoints > 1) return 'iphone'
  if (/Firefox\//.test(userAgent)) return userAgent.includes('Android') ? 'other' : 'firefox'
  if (/SamsungBrowser|OPR\//.test(userAgent)) return 'other'
  if (/Android/.test(userAgent)) return /EdgA\//.test(userAgent) ? 'other' : 'android'
  if (/Edg\//.test(userAgent)) return 'edge'
  if (/Chrome\//.test(userAgent)) return 'chrome'
  return /Safari\//.test(userAgent) ? 'safari' : 'other'
}

const KEYS = {
  chrome: ['helpChrome1', 'helpChrome2'],
  edge: ['helpEdge1', 'helpEdge2'],
  firefox: ['helpFirefox1', 'helpFirefox2'],
  safari: ['helpSafari1', 'helpSafari2'],
  iphone: ['helpIphone1', 'helpIphone2'],
  android: ['helpAndroid1', 'helpAndroid2'],
  other: ['helpOther1', 'helpOther2'],
  system: ['helpSystem1', 'helpSystem2'],
} as const satisfies {readonly [way in Way]: readonly (keyof Words)[]}

export function steps(words: Words, way: Way): readonly string[] {
  return KEYS[way].map((key) => words[key])
}
