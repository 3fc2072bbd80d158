import {describe, expect, it} from 'vitest'
import {initial} from '../../../sdk/src/core/view.ts'
import type {View} from '../../../sdk/src/index.ts'
import {asked} from '../../src/parts/asked.ts'
import {closed} from '../../src/ui.ts'

const FIELDS = [
  ['story', 'story'],
  ['email', 'email'],
  ['size', 'number'],
  ['stage', 'idea|live'],
].map(([id = '', type = '']) => ({id, type, objective: 'who', required: false}))

/** Facts in the order in which they came up; each as [state, value, turn it was said in]. */
function view(facts: {readonly [field: string]: readonly [string, unknown?, number?]}, now = 4): View {
  const made = Object.entries(facts).map(([field, [state, value = null, turn]]) => {
    const evidence: [number, number, number][] = turn === undefined ? [] : [[turn, 0, 900]]
    return [field, {field, state, value, evidence}] as const
  })
  const captions = [{who: 'caller', turn: now, text: 'Hm.', final: true}]
  return {...initial, screen: 'talk', fields: FIELDS, facts: Object.fromEntries(made), captions}
}

const found = (of: View, local = closed) => asked(of, local)?.field.id ?? null

describe('the card of a fact', () => {
  it('comes for what was just asked, if thumbs are better at it than ears', () => {
    expect(found(view({email: ['asked']}))).toBe('email')
    expect(found(view({stage: ['asked']}))).toBe('stage')
    expect(found(view({story: ['asked']}))).toBe(null)
    expect(found(view({}))).toBe(null)
  })

  it('goes when the talk has gone on to something else', () => {
    expect(found(view({email: ['asked'], story: ['asked']}))).toBe(null)
  })

  it('stays when another fact is set right on the board meanwhile', () => {
    expect(found(view({email: ['asked'], size: ['confirmed', 12, 2]}))).toBe('email')
  })

  it('shows what was heard until it is confirmed', () => {
    expect(asked(view({size: ['answered', 12, 4]}), closed)?.value).toBe(12)
    expect(found(view({size: ['confirmed', 12, 4]}))).toBe(null)
    expect(found(view({size: ['refused']}))).toBe(null)
  })

  it('shows the newest of two, and the other one after it', () => {
    expect(found(view({email: ['answered', 'a@b.co', 4], size: ['answered', 12, 4]}))).toBe('size')
    expect(found(view({email: ['answered', 'a@b.co', 4], size: ['confirmed', 12, 4]}))).toBe('email')
  })

  it('does not wait for ever', () => {
    expect(found(view({size: ['answered', 12, 4]}, 7))).toBe('size')
    expect(found(view({size: ['answered', 12, 4]}, 8))).toBe(null)
  })

  it('is hidden at a wish, and comes again when there is something new about it', () => {
    const passed = {...closed, passed: 'size asked'}
    expect(found(view({size: ['asked']}), passed)).toBe(null)
    expect(found(view({size: ['answered', 12, 4]}), passed)).toBe('size')
  })

  it('stays while somebody types in it', () => {
    const editing = {...closed, editing: {field: 'size', text: '1', wrong: '', onCard: true}}
    expect(found(view({size: ['asked'], story: ['asked']}), editing)).toBe('size')
    expect(found(view({size: ['answered', 12, 4]}, 40), editing)).toBe('size')
  })

  it('is there only while the call is on', () => {
    expect(found({...view({size: ['asked']}), screen: 'ended'})).toBe(null)
    expect(found({...view({size: ['asked']}), screen: 'reconnecting'})).toBe(null)
  })

  it('knows nothing of facts without a field', () => {
    expect(found(view({other: ['answered', 12, 4]}))).toBe(null)
  })
})
