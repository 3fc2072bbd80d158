import {expect, expectTypeOf, test} from 'vitest'
import * as sdk from '../../src/index.ts'

test('the public surface is what it is meant to be, and importing it needs no browser', () => {
  expect(Object.keys(sdk).sort()).toEqual(['createCall', 'resumable'])
})

test('a call can be made where there is no browser, as pages are rendered on servers', () => {
  const call = sdk.createCall({agent: 'founder'})
  expect(call.view.screen).toBe('start')
  expect(() => sdk.createCall({})).toThrow(TypeError)
})

test('types', () => {
  expectTypeOf(sdk.createCall).toEqualTypeOf<(options: sdk.CallOptions) => sdk.VoiceCall>()
  expectTypeOf(sdk.resumable).toEqualTypeOf<(options: sdk.CallOptions) => boolean>()
  expectTypeOf<sdk.CallOptions>().toExtend<{readonly agent?: string}>()
  expectTypeOf<sdk.VoiceCall['subscribe']>().toEqualTypeOf<(listener: (view: sdk.View) => void) => () => void>()
  expectTypeOf<sdk.View['problems'][number]['action']>().toExtend<string>()
  // @ts-expect-error a mode that is none
  const wrong: sdk.CallOptions = {agent: 'founder', mode: 'video'}
  expect(wrong.mode).toBe('video')
  const view = Object.freeze({...sdk.createCall({agent: 'founder'}).view})
  expect(() => {
    // @ts-expect-error what is shown is not the page's to change
    view.mode = 'text'
  }).toThrow(TypeError)
})
