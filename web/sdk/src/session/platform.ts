// What differs between browsers and cannot be asked for as a feature. Everything else is asked for as a feature.

export interface Platform {
  /** A second stream of a microphone silently turns its echo cancellation off. */
  readonly firefox: boolean
  /** Sound that comes from no media stream is ducked while the microphone is open; devices are wished for, not demanded. */
  readonly ios: boolean
  /** Small machines: larger buffers. */
  readonly mobile: boolean
}

export function detectPlatform(agent: {readonly userAgent: string; readonly maxTouchPoints?: number}): Platform {
  const {userAgent, maxTouchPoints = 0} = agent
  // An iPad says it is a Macintosh; no Macintosh has a touch screen. Firefox on iOS is WebKit, and says FxiOS.
  const ios = /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes('Macintosh') && maxTouchPoints > 1)
  return {firefox: userAgent.includes('Firefox/'), ios, mobile: ios || /Android|Mobile/.test(userAgent)}
}
