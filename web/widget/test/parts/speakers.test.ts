import {describe, expect, test} from 'vitest'
import type {View} from '../../../sdk/src/index.ts'
import {spokenOf, wasCut} from '../../src/parts/captions.ts'
import {colourOf} from '../../src/parts/colours.ts'
import {nameOf, stateOf} from '../../src/parts/speakers.ts'
import {screenOf} from './ui.ts'

const speakers: View['speakers'] = [
  {id: 'alex', name: 'Alex', role: ''},
  {id: 'maya', name: 'Maya', role: ''},
]
const floor = (turn: View['floor']['turn'], holder = ''): Partial<View> => ({
  speakers,
  screen: 'talk',
  floor: {turn, holder},
})
const state = (view: Partial<View>) => stateOf(screenOf(view).ui)

describe('whose turn it is', () => {
  test.each([
    [floor('agent', 'maya'), 'Maya is speaking'],
    [floor('waiting'), 'One moment'],
    [floor('open'), 'Your turn'],
    [floor('caller', 'caller'), 'Listening to you'],
    [floor('held', 'maya'), 'Listening to you'],
    [{...floor('open'), microphone: 'muted'}, 'You are muted'],
    [{...floor('open'), pushToTalk: true}, 'Hold the button to talk'],
    [{...floor('open'), pushToTalk: true, talking: true}, 'You are being heard'],
    [{...floor('open'), mode: 'text', screen: 'text', microphone: 'muted'}, 'Your turn to type'],
    [{...floor('open'), notices: [{code: 'voice_lost', text: 'Type.', action: 'type'}]}, 'Your turn to type'],
    [{...floor('agent', 'maya'), screen: 'reconnecting'}, 'Coming back'],
  ] as const)('%j', (view, words) => {
    expect(state(view)).toBe(words)
  })
})

test('who is not known is called by what they were called', () => {
  const {ui} = screenOf({speakers})
  expect(['caller', 'maya', 'stranger'].map((who) => nameOf(ui, who))).toEqual(['You', 'Maya', 'stranger'])
  expect(['caller', 'alex', 'maya', 'stranger'].map((who) => colourOf(ui, who))).toEqual([0, 1, 2, 0])
})

test('the seventh speaker has the colour of the first', () => {
  const many = Array.from({length: 7}, (_, at) => ({id: `s${at}`, name: `S${at}`, role: ''}))
  expect(colourOf(screenOf({speakers: many}).ui, 's6')).toBe(1)
})

describe('a sentence that was cut short', () => {
  const line = (text: string, who = 'maya', final = true) => ({who, turn: 1, text, final})

  test.each(['How long did that take her, and what', 'Сколько это', 'كم استغرق', '三时间', 'It cost 300', 'Well, '])(
    '%s',
    (text) => {
      expect(wasCut(line(text))).toBe(true)
    },
  )

  test.each(['How long?', 'Well …', '三时间。', 'كم؟', '“Yes.”', 'नमस्ते।', 'ราคาเท่าไร', ''])('not %s', (text) => {
    expect(wasCut(line(text))).toBe(false)
  })

  test('nobody cuts the caller, nor what is still being said', () => {
    expect([wasCut(line('I think', 'caller')), wasCut(line('I think', 'maya', false))]).toEqual([false, false])
  })
})

describe('what a screen reader says by itself', () => {
  const captions: View['captions'] = [
    {who: 'maya', turn: 1, text: 'What does it cost?', final: true},
    {who: 'caller', turn: 2, text: 'Eighty.', final: true},
    {who: 'maya', turn: 3, text: 'Eigh', final: false},
  ]
  const spoken = (view: Partial<View>) => spokenOf(screenOf({captions, ...view}).ui.view)

  test('whole sentences of the agent, where they are read', () => {
    expect(spoken({mode: 'text'})).toBe('What does it cost?')
    expect(spoken({mode: 'voice', sound: 'failed'})).toBe('What does it cost?')
  })

  test('nothing across the voice of the agent', () => {
    expect(spoken({mode: 'voice'})).toBe('')
  })
})
