import {describe, expect, it} from 'vitest'
import {fieldType, humanised} from '../../src/parts/editors/fieldtype.ts'

describe('the type of a field', () => {
  it.each([
    ['text', 'text'],
    [' email! ', 'email'],
    ['0..10!', 'range'],
    ['-1.5 .. 2', 'range'],
    ['now|later', 'choice'],
    ['list<phone>!', 'list'],
    ['constellation', 'text'],
    ['', 'text'],
  ])('%s is %s', (written, kind) => expect(fieldType(written).kind).toBe(kind))

  it('says its bounds, its options and what it lists', () => {
    expect(fieldType('-1.5 .. 2')).toMatchObject({low: -1.5, high: 2})
    expect(fieldType('now | this quarter')).toMatchObject({options: ['now', 'this quarter']})
    expect(fieldType('list<0..10>').item).toMatchObject({kind: 'range', high: 10})
    expect(fieldType('list<company>').item).toMatchObject({kind: 'text'})
  })

  it('has a name that a person would write', () => {
    expect(humanised('team_size')).toBe('Team size')
    expect(humanised('')).toBe('')
  })
})
