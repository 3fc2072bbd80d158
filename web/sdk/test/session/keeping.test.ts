import {expect, test} from 'vitest'
import {Shelf} from '../../src/session/keeping.ts'

class FakeStorage {
  readonly items = new Map<string, string>()
  getItem = (key: string) => this.items.get(key) ?? null
  setItem = (key: string, value: string) => void this.items.set(key, value)
  removeItem = (key: string) => void this.items.delete(key)
}

const KEEPSAKE = {call: '0f', resume: 'R', reply: 3, samples: 4800}

test('gives back what was kept, for this agent of this server, while a server waits', () => {
  const storage = new FakeStorage()
  let now = 0
  const shelf = (server: string, agent: string) =>
    new Shelf(
      server,
      {agent},
      () => storage,
      () => now,
    )
  shelf('https://a', 'x').keep(KEEPSAKE)
  now = 119_999
  expect(shelf('https://a', 'x').recall()).toMatchObject(KEEPSAKE)
  expect(shelf('https://a', 'y').recall()).toBeNull()
  expect(shelf('https://b', 'x').recall()).toBeNull()
  now = 120_000
  expect(shelf('https://a', 'x').recall()).toBeNull()
  shelf('https://a', 'x').keep(null)
  expect(storage.items.size).toBe(0)
})

test('each ticket has a keepsake of its own, which does not name it', () => {
  const storage = new FakeStorage()
  const shelf = (whom: {readonly agent?: string; readonly ticket?: string}) =>
    new Shelf(
      'https://a',
      whom,
      () => storage,
      () => 0,
    )
  shelf({ticket: 'T-one'}).keep(KEEPSAKE)
  expect(shelf({ticket: 'T-one'}).recall()).toMatchObject(KEEPSAKE)
  for (const whom of [{ticket: 'T-two'}, {ticket: 'T-eno'}, {agent: 'x', ticket: 'T-one'}, {agent: 'x'}, {}]) {
    expect(shelf(whom).recall(), JSON.stringify(whom)).toBeNull()
  }
  expect([...storage.items.keys()].join()).not.toContain('one')
})

test.each([
  ['rubbish', '{'],
  ['a number', '7'],
  ['nothing', 'null'],
  ['no ticket', JSON.stringify({...KEEPSAKE, resume: '', until: 9e15})],
  ['another shape', JSON.stringify({...KEEPSAKE, reply: 'three', until: 9e15})],
  ['no end', JSON.stringify(KEEPSAKE)],
])('%s in the storage is nothing to come back to', (_, text) => {
  const storage = new FakeStorage()
  const shelf = new Shelf(
    'https://a',
    {agent: 'x'},
    () => storage,
    () => 0,
  )
  storage.items.set('vivavoce https://a x', text)
  expect(shelf.recall()).toBeNull()
})

test('a storage that is refused is no storage', () => {
  const refused = new Shelf(
    'https://a',
    {agent: 'x'},
    () => {
      throw new DOMException('sandboxed', 'SecurityError')
    },
    () => 0,
  )
  refused.keep(KEEPSAKE)
  expect(refused.recall()).toBeNull()
  refused.keep(null)
})
