import {describe, expect, test} from 'vitest'
import {initial, step} from '../../../sdk/src/core/view.ts'
import type {View} from '../../../sdk/src/index.ts'
import {type Problem, remediesOf} from '../../src/parts/remedies.ts'
import {wantsPermission} from '../../src/screens/permission.ts'
import {screenOf} from './ui.ts'

const problem = (code: string, action: Problem['action']): Problem => ({code, text: 'Words.', action, by: ''})

function pressed(view: Partial<View>, it: Problem): string[] {
  const {ui, done} = screenOf(view)
  for (const {act} of remediesOf(ui, it)) act()
  return done
}

describe('what helps before the talk', () => {
  const view: Partial<View> = {screen: 'problem', mode: 'voice'}

  test('a denied microphone is asked for again, or one types', () => {
    expect(pressed(view, problem('microphone_denied', 'allow_microphone'))).toEqual([
      'act.start "voice"',
      'act.start "text"',
    ])
  })

  test('a frame without a microphone leads to a tab, or one types', () => {
    expect(pressed(view, problem('microphone_blocked', 'open_tab'))).toEqual(['act.openTab', 'act.start "text"'])
  })

  test('busy lines are tried again the same way', () => {
    expect(pressed({...view, mode: 'text'}, problem('busy', 'retry'))).toEqual(['act.start "text"'])
  })
})

describe('what helps during the talk', () => {
  const view: Partial<View> = {screen: 'talk', mode: 'voice'}

  test('the call goes on, only its mode changes', () => {
    expect(pressed(view, problem('microphone_busy', 'retry'))).toEqual(['act.setMode "voice"', 'act.setMode "text"'])
  })

  test('sound comes by a tap', () => {
    expect(pressed(view, problem('sound_suspended', 'tap'))[0]).toBe('unlock')
  })

  test('an echo is lived with, or one takes turns; and back', () => {
    expect(pressed(view, problem('echo_poor', 'headphones'))).toEqual(['dismiss "echo_poor"', 'takeTurns true'])
    expect(pressed(view, problem('half_duplex', 'headphones'))).toEqual(['dismiss "half_duplex"', 'takeTurns false'])
  })

  test('nothing to press where only patience helps', () => {
    expect(pressed(view, problem('reconnecting', ''))).toEqual([])
  })
})

describe('the screen of the microphone', () => {
  /** The view that the SDK makes of it, when nothing has been said yet. */
  const found = (microphone: Parameters<typeof step>[1]) =>
    screenOf([{kind: 'began', mode: 'voice'} as const, microphone].reduce(step, initial)).ui

  test.each([
    {kind: 'microphone', state: 'asking'},
    {kind: 'microphone', state: 'denied', by: 'user'},
    {kind: 'microphone', state: 'denied', by: 'system'},
    {kind: 'microphone', state: 'denied', by: 'dismissed'},
    {kind: 'microphone', state: 'blocked', by: 'policy'},
    {kind: 'microphone', state: 'blocked', by: 'sandbox'},
    {kind: 'microphone', state: 'blocked', by: 'insecure'},
    {kind: 'microphone', state: 'blocked', by: 'browser'},
    {kind: 'microphone', state: 'missing'},
    {kind: 'microphone', state: 'busy', by: 'system'},
    {kind: 'microphone', state: 'busy', by: 'page'},
    {kind: 'microphone', state: 'constrained'},
    {kind: 'microphone', state: 'lost'},
  ] as const)('%j has it', (microphone) => {
    expect(wantsPermission(found(microphone))).toBe(true)
  })

  test('not while it is live, and not for other troubles', () => {
    expect(wantsPermission(found({kind: 'microphone', state: 'live'}))).toBe(false)
    expect(wantsPermission(found({kind: 'trouble', trouble: 'busy'}))).toBe(false)
  })
})
