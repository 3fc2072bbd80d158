import {expect, test} from 'vitest'
import {Holdings, LeftError} from '../../src/session/holdings.ts'

test('releases once, the newest first, and at once what comes later', () => {
  const holdings = new Holdings()
  const released: string[] = []
  holdings.add(() => released.push('first'))
  const early = holdings.add(() => released.push('early'))
  holdings.add(() => released.push('last'))
  early()
  early()
  holdings.release()
  holdings.release()
  holdings.add(() => released.push('late'))
  expect(released).toEqual(['early', 'last', 'first', 'late'])
})

test('a release that throws keeps no other from being released', () => {
  const holdings = new Holdings()
  const released: string[] = []
  holdings.add(() => released.push('first'))
  holdings.add(() => {
    throw new Error('gone already')
  })
  holdings.release()
  expect(released).toEqual(['first'])
})

test('who waits is let go at the end, and what comes afterwards is released', async () => {
  const holdings = new Holdings()
  const released: string[] = []
  let bring = (_: string) => {}
  const waiting = holdings.take(new Promise<string>((resolve) => (bring = resolve)), (got) => released.push(got))
  holdings.release()
  await expect(waiting).rejects.toBeInstanceOf(LeftError)
  expect(released).toEqual([])
  bring('a microphone')
  await Promise.resolve()
  expect(released).toEqual(['a microphone'])
})

test('what was taken is released at the end', async () => {
  const holdings = new Holdings()
  const released: string[] = []
  await expect(holdings.take(Promise.resolve('it'), (got) => released.push(got))).resolves.toBe('it')
  expect(released).toEqual([])
  holdings.release()
  expect(released).toEqual(['it'])
})

test('listeners go with the rest', () => {
  const holdings = new Holdings()
  const target = new EventTarget()
  const heard: string[] = []
  holdings.listen(target, ['online', 'offline'], ({type}) => heard.push(type))
  target.dispatchEvent(new Event('online'))
  holdings.release()
  target.dispatchEvent(new Event('offline'))
  expect(heard).toEqual(['online'])
})
