import {describe, expect, it} from 'vitest'
import {initial} from '../../../sdk/src/core/view.ts'
import type {View} from '../../../sdk/src/index.ts'
import {leading, moodOf} from '../../src/face/mood.ts'

const speakers = ['alex', 'maya'].map((id) => ({id, name: id, role: ''}))
const talk: View = {...initial, screen: 'talk', speakers}
const said = (...who: string[]): View => ({
  ...talk,
  captions: who.map((each, turn) => ({who: each, turn, text: 'Hm.', final: true})),
})
const leads = (view: View) => leading({view, card: null})

describe('whose the stage is', () => {
  it('is who has the floor, else who spoke last, else the first', () => {
    expect(leads(talk)).toBe('alex')
    expect(leads(said('alex', 'maya', 'caller'))).toBe('maya')
    expect(leads({...said('alex', 'caller'), floor: {turn: 'agent', holder: 'maya'}})).toBe('maya')
    expect(leads({...said('maya'), floor: {turn: 'caller', holder: 'caller'}})).toBe('maya')
  })

  it('is nobody while nobody is known', () => expect(leads(initial)).toBe(''))
})

describe('the mood', () => {
  const of = (turn: View['floor']['turn'], more: Partial<View> = {}) =>
    moodOf({...talk, floor: {turn, holder: ''}, ...more}, true)

  it('follows the floor', () => {
    expect([of('open'), of('caller'), of('held'), of('waiting'), of('agent')]).toEqual([
      'rest',
      'listens',
      'listens',
      'thinks',
      'speaks',
    ])
  })

  it('looks on while another one leads', () => {
    expect(moodOf({...talk, floor: {turn: 'agent', holder: 'maya'}}, false)).toBe('rest')
  })

  it('sleeps when the call is over or stands still, and thinks while there is no line', () => {
    expect(of('agent', {screen: 'ended'})).toBe('away')
    expect(of('agent', {screen: 'problem'})).toBe('away')
    expect(of('agent', {screen: 'reconnecting'})).toBe('thinks')
    expect(of('open', {screen: 'start'})).toBe('rest')
  })
})
