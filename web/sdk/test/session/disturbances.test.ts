import {expect, test} from 'vitest'
import {type PageFault, STALL_MS, type Watched, watchContext, watchPage} from '../../src/session/disturbances.ts'

class Page implements Watched {
  time = 1000
  stopped = 0
  beat = () => {}
  task = (_ms: number) => {}
  seen = (_hidden: boolean) => {}
  tells = true

  now() {
    return this.time
  }

  every(_ms: number, tick: () => void) {
    this.beat = tick
    return () => {
      this.stopped += 1
    }
  }

  longTasks(heard: (ms: number) => void) {
    this.task = heard
    const stop = () => {
      this.stopped += 1
    }
    return this.tells ? stop : null
  }

  visibility(changed: (hidden: boolean) => void) {
    this.seen = changed
    return () => {
      this.stopped += 1
    }
  }

  passes(ms: number) {
    this.time += ms
    this.beat()
  }
}

function watched(page = new Page()) {
  const faults: PageFault[] = []
  const stop = watchPage((fault) => faults.push(fault), page)
  return {page, faults, stop}
}

test('a page in good health tells nothing', () => {
  const {page, faults} = watched()
  for (let beat = 0; beat < 50; beat++) page.passes(100 + (beat % 7))
  expect(faults).toEqual([])
})

test('a long task is told once, as what it is', () => {
  const {page, faults} = watched()
  page.task(400)
  page.passes(500)
  page.passes(100)
  expect(faults).toEqual([{what: 'long_task', ms: 400, count: 1}])
})

test('a page that stood still for no task of its own is told as that', () => {
  const {page, faults} = watched()
  page.passes(100 + STALL_MS + 50)
  expect(faults).toEqual([{what: 'stall', ms: STALL_MS + 50, count: 1}])
})

test('a hidden page is no stall, and told with its length', () => {
  const {page, faults} = watched()
  page.seen(true)
  page.passes(30_000)
  page.seen(true)
  page.time += 1000
  page.seen(false)
  page.passes(100)
  expect(faults).toEqual([{what: 'hidden', ms: 31_000, count: 1}])
})

test('the end stops all watching, also where the browser tells no long tasks', () => {
  const {page, stop} = watched()
  stop()
  expect(page.stopped).toBe(3)
  const mute = new Page()
  mute.tells = false
  watched(mute).stop()
  expect(mute.stopped).toBe(2)
})

test('a context that was silenced is told when it sounds again, not before it first did', () => {
  const faults: PageFault[] = []
  let now = 0
  const heard = watchContext(
    (fault) => faults.push(fault),
    () => now,
  )
  heard(false)
  heard(true)
  expect(faults).toEqual([])
  now = 100
  heard(false)
  now = 700
  heard(false)
  heard(true)
  expect(faults).toEqual([{what: 'suspended', ms: 600, count: 1}])
})
