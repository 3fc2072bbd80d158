// What disturbs a page while it carries a call: long tasks, a main thread that stands still, a page in the background,
// a context that the browser silenced. Sound does not depend on the page; this tells why, when it suffers all the same.

export type PageFault = {
  readonly what: 'long_task' | 'stall' | 'hidden' | 'suspended'
  readonly ms: number
  readonly count: number
}

/** What is watched; tests hand in their own. */
export interface Watched {
  /** Milliseconds that never go back. */
  now(): number
  every(ms: number, tick: () => void): () => void
  /** Long tasks as the browser tells them (50 ms and more); null where it tells none. */
  longTasks(heard: (ms: number) => void): (() => void) | null
  /** Told whether the page is hidden, when that changes. */
  visibility(changed: (hidden: boolean) => void): () => void
}

/** A heartbeat that comes this much late stood behind something: twice what browsers call a long task. */
export const STALL_MS = 100
const BEAT_MS = 100

/**
 * Reports each fault when it is over.
 * @returns ends it
 */
export function watchPage(report: (fault: PageFault) => void, page: Watched = browserPage): () => void {
  let beatAt = page.now()
  let hiddenAt: number | null = null
  let toldMs = 0
  const stopTasks = page.longTasks((ms) => {
    toldMs += ms
    report({what: 'long_task', ms, count: 1})
  })
  const stopBeat = page.every(BEAT_MS, () => {
    const now = page.now()
    const lateMs = now - beatAt - BEAT_MS
    beatAt = now
    // browsers slow the timers of hidden pages down; and what a long task explains is told already
    if (hiddenAt === null && lateMs - toldMs > STALL_MS) report({what: 'stall', ms: lateMs, count: 1})
    toldMs = 0
  })
  const stopVisibility = page.visibility((hidden) => {
    if (hidden) hiddenAt ??= page.now()
    else if (hiddenAt !== null) {
      report({what: 'hidden', ms: page.now() - hiddenAt, count: 1})
      hiddenAt = null
      beatAt = page.now()
    }
  })
  return () => {
    stopTasks?.()
    stopBeat()
    stopVisibility()
  }
}

/** Reports how long a context was silenced, when it sounds again; told of its states as they come. */
export function watchContext(
  report: (fault: PageFault) => void,
  now: () => number = () => performance.now(),
): (running: boolean) => void {
  let since: number | null = null
  let sounded = false
  return (running) => {
    if (!running) {
      if (sounded) since ??= now()
      return
    }
    sounded = true
    if (since !== null) report({what: 'suspended', ms: now() - since, count: 1})
    since = null
  }
}

const browserPage: Watched = {
  now: () => performance.now(),
  every: (ms, tick) => {
    const timer = setInterval(tick, ms)
    return () => clearInterval(timer)
  },
  longTasks: (heard) => {
    if (typeof PerformanceObserver === 'undefined' || !PerformanceObserver.supportedEntryTypes?.includes('longtask'))
      return null
    const observer = new PerformanceObserver((list) => {
      for (const task of list.getEntries()) heard(task.duration)
    })
    observer.observe({type: 'longtask'})
    return () => observer.disconnect()
  },
  visibility: (changed) => {
    const told = () => changed(document.visibilityState === 'hidden')
    document.addEventListener('visibilitychange', told)
    return () => document.removeEventListener('visibilitychange', told)
  },
}
