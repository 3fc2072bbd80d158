import {describe, expect, it} from 'vitest'
import {inputDevices, Microphone, type MicrophoneHost, type MicrophoneState} from '../../src/session/microphone.ts'
import {detectPlatform, type Platform} from '../../src/session/platform.ts'
import {Machine} from './devices.ts'

function opened(machine: Machine, platform: Partial<Platform> = {}, changes: Partial<MicrophoneHost> = {}) {
  const states: MicrophoneState[] = []
  const microphone = new Microphone((state) => states.push(state), machine.host(platform, changes))
  return {microphone, states, kinds: () => states.map((it) => it.kind)}
}

/** All that was begun has come to its end. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve))
const refused = (name: string, message = '') => new DOMException(message, name)

describe('microphone', () => {
  it('asks once, plainly, and is live', async () => {
    const machine = new Machine()
    const {microphone, kinds} = opened(machine)
    const [first, second] = await Promise.all([microphone.open(), microphone.open()])
    expect(first).toMatchObject({kind: 'live', device: {id: 'built-in', label: 'The built-in'}, cancelled: true})
    expect(second).toBe(first)
    expect(await microphone.open()).toBe(first)
    expect(machine.asked).toEqual([
      {echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1},
    ])
    expect(machine.track.applied).toBeNull()
    expect(kinds()).toEqual(['asking', 'live'])
  })

  it('has all that the machine plays cancelled where the browser offers it', async () => {
    const machine = new Machine()
    machine.cancels = [true, false, 'remote-only', 'all']
    const {microphone} = opened(machine)
    expect(await microphone.open()).toMatchObject({kind: 'live', cancelled: true})
    expect(machine.track.applied).toMatchObject({echoCancellation: 'all', noiseSuppression: true})
  })

  it.each([
    ['NotAllowedError', 'Permission denied', {kind: 'denied', by: 'user'}],
    ['NotAllowedError', 'Permission denied by system', {kind: 'denied', by: 'system'}],
    ['NotAllowedError', 'Permission dismissed', {kind: 'denied', by: 'dismissed'}],
    ['SecurityError', 'Invalid security origin', {kind: 'blocked', by: 'sandbox'}],
    ['NotFoundError', '', {kind: 'missing'}],
    ['NotReadableError', '', {kind: 'busy', by: 'system'}],
    ['AbortError', 'Starting audioinput failed', {kind: 'busy', by: 'system'}],
    ['OverconstrainedError', '', {kind: 'constrained'}],
    ['NotSupportedError', '', {kind: 'blocked', by: 'browser'}],
    ['SomethingNewError', '', {kind: 'busy', by: 'system'}],
  ])('knows what %s "%s" means, and may be asked again', async (name, message, state) => {
    const machine = new Machine()
    machine.refusals = [refused(name, message)]
    const {microphone, kinds} = opened(machine)
    expect(await microphone.open()).toEqual(state)
    expect(machine.live).toBe(0)
    expect(await microphone.open()).toMatchObject({kind: 'live'})
    expect(kinds()).toEqual(['asking', state.kind, 'asking', 'live'])
  })

  it('says who forbids it when nobody was asked', async () => {
    const machine = new Machine()
    const without = {mediaDevices: undefined}
    expect(await opened(machine, {}, {...without, secure: false}).microphone.open()).toEqual({
      kind: 'blocked',
      by: 'insecure',
    })
    expect(await opened(machine, {}, without).microphone.open()).toEqual({kind: 'blocked', by: 'browser'})
    machine.policy = false
    const {microphone} = opened(machine)
    expect(await microphone.open()).toEqual({kind: 'blocked', by: 'policy'})
    expect(machine.asked).toEqual([])
    machine.policy = undefined // a browser that does not say: it is asked
    expect(await microphone.open()).toMatchObject({kind: 'live'})
  })

  it('takes the default device when the chosen one cannot be had, and goes back when it is there', async () => {
    const machine = new Machine()
    machine.plugged = ['built-in']
    const {microphone} = opened(machine)
    expect(await microphone.open('headset')).toMatchObject({kind: 'live', fallback: true, device: {id: 'built-in'}})
    machine.plug('built-in', 'headset')
    await settled()
    expect(microphone.state).toMatchObject({kind: 'live', fallback: false, device: {id: 'headset'}})
    expect(machine.live).toBe(1)
  })

  it('does not ask for the default device when the person has refused', async () => {
    const machine = new Machine()
    machine.refusals = [refused('NotAllowedError')]
    expect(await opened(machine).microphone.open('headset')).toMatchObject({kind: 'denied'})
    expect(machine.asked).toHaveLength(1)
  })

  it('wishes for a device on iOS, and sees when it is another', async () => {
    const machine = new Machine()
    machine.plugged = ['built-in']
    const {microphone} = opened(machine, {ios: true})
    expect(await microphone.open('headset')).toMatchObject({kind: 'live', fallback: true})
    expect(machine.asked[0]?.deviceId).toEqual({ideal: 'headset'})
  })

  it('has the new device live before it drops the old one', async () => {
    const machine = new Machine()
    const {microphone} = opened(machine)
    await microphone.open()
    const old = machine.track
    expect(await microphone.use('headset')).toMatchObject({kind: 'live', device: {id: 'headset'}})
    expect(machine.liveThen).toEqual([0, 1])
    expect(old.readyState).toBe('ended')
    expect(machine.live).toBe(1)
  })

  it('keeps the old device when the new one cannot be had', async () => {
    const machine = new Machine()
    const {microphone, kinds} = opened(machine)
    await microphone.open()
    expect(await microphone.use('phone')).toMatchObject({kind: 'live', device: {id: 'built-in'}})
    expect(machine.live).toBe(1)
    expect(kinds()).toEqual(['asking', 'live'])
  })

  it('never has two streams in Firefox, and comes back to the old device when the new one cannot be had', async () => {
    const machine = new Machine()
    const {microphone, kinds} = opened(machine, {firefox: true})
    await microphone.open()
    expect(await microphone.use('headset')).toMatchObject({device: {id: 'headset'}})
    expect(await microphone.use('phone')).toMatchObject({device: {id: 'headset'}})
    expect(machine.liveThen.every((live) => live === 0)).toBe(true)
    expect(kinds()).toEqual(['asking', 'live', 'asking', 'live', 'asking', 'live'])
  })

  it('looks for another device when the one in use is unplugged', async () => {
    const machine = new Machine()
    const {microphone, kinds} = opened(machine)
    await microphone.open('headset')
    machine.time += 60_000
    machine.plugged = ['built-in']
    machine.track.end()
    expect(microphone.state).toEqual({kind: 'lost'})
    await settled()
    expect(microphone.state).toMatchObject({kind: 'live', fallback: true})
    expect(kinds()).toEqual(['asking', 'live', 'lost', 'live'])
    expect(machine.live).toBe(1)
  })

  it('waits for a device when none is left', async () => {
    const machine = new Machine()
    const {microphone} = opened(machine)
    await microphone.open()
    machine.plugged = []
    machine.track.end()
    await settled()
    expect(microphone.state).toEqual({kind: 'lost'})
    machine.plug()
    await settled()
    expect(microphone.state).toEqual({kind: 'lost'})
    machine.plug('usb')
    await settled()
    expect(microphone.state).toMatchObject({kind: 'live', device: {id: 'usb'}})
  })

  it('takes the first microphone that is plugged in when there was none', async () => {
    const machine = new Machine()
    machine.plugged = []
    const {microphone} = opened(machine)
    expect(await microphone.open()).toEqual({kind: 'missing'})
    machine.plug('usb')
    await settled()
    expect(microphone.state).toMatchObject({kind: 'live', device: {id: 'usb'}})
  })

  it('says so when leave is withdrawn while it is live', async () => {
    const machine = new Machine()
    const {microphone} = opened(machine)
    await microphone.open()
    machine.refusals = [refused('NotAllowedError')]
    machine.track.end()
    await settled()
    expect(microphone.state).toEqual({kind: 'denied', by: 'user'})
  })

  it('does not chase a device that ends again and again', async () => {
    const machine = new Machine()
    const {microphone} = opened(machine)
    await microphone.open()
    for (let i = 0; i < 10 && microphone.state.kind === 'live'; i++) {
      machine.track.end()
      await settled()
    }
    expect(microphone.state).toEqual({kind: 'lost'})
    expect(machine.asked).toHaveLength(3)
    machine.plug('built-in')
    await settled()
    expect(microphone.state).toMatchObject({kind: 'live'})
  })

  it('sees a device that ends while another is asked for', async () => {
    const machine = new Machine()
    const {microphone} = opened(machine)
    await microphone.open()
    machine.time += 60_000
    machine.refusals = [refused('NotReadableError')]
    const using = microphone.use('headset')
    machine.track.end()
    await using
    await settled()
    expect(microphone.state).toMatchObject({kind: 'live', device: {id: 'built-in'}})
    expect(machine.live).toBe(1)
  })

  it('tells when the system mutes it', async () => {
    const machine = new Machine()
    const {microphone, states} = opened(machine)
    await microphone.open()
    machine.track.mute(true)
    machine.track.mute(false)
    expect(states.map((it) => it.kind === 'live' && it.muted)).toEqual([false, false, true, false])
  })

  it('lets one call of the page have it at a time', async () => {
    const machine = new Machine()
    const host = machine.host()
    const one = new Microphone(() => {}, host)
    const two = new Microphone(() => {}, host)
    await one.open()
    expect(await two.open()).toEqual({kind: 'busy', by: 'page'})
    two.close()
    expect(one.state.kind).toBe('live')
    one.close()
    expect(await two.open()).toMatchObject({kind: 'live'})
    expect(machine.live).toBe(1)
  })

  it('releases everything when it is closed, however often', async () => {
    const machine = new Machine()
    const {microphone, kinds} = opened(machine)
    microphone.close()
    await microphone.open()
    microphone.close()
    microphone.close()
    expect(machine.live).toBe(0)
    expect(machine.events.listeners.size).toBe(0)
    machine.plug('usb')
    machine.track.onended?.()
    await settled()
    expect(machine.asked).toHaveLength(1)
    expect(kinds()).toEqual(['asking', 'live', 'off'])
  })

  it('releases what comes after it was closed, and another open is another life', async () => {
    const machine = new Machine()
    let open = () => {}
    machine.gate = new Promise((resolve) => {
      open = resolve
    })
    const {microphone} = opened(machine)
    const first = microphone.open()
    microphone.close()
    const second = microphone.open()
    open()
    expect((await first).kind).not.toBe('live')
    expect(await second).toMatchObject({kind: 'live'})
    expect(machine.live).toBe(1)
    microphone.close()
    expect(machine.live).toBe(0)
  })

  it('lists the inputs, and none when it cannot', async () => {
    const machine = new Machine()
    expect(await inputDevices(machine.host().mediaDevices)).toEqual([
      {id: 'built-in', label: 'The built-in'},
      {id: 'headset', label: 'The headset'},
    ])
    expect(await inputDevices(undefined)).toEqual([])
  })
})

describe('platform', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
      0,
      {firefox: true, ios: false, mobile: false},
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15',
      0,
      {firefox: false, ios: false, mobile: false},
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15',
      5,
      {firefox: false, ios: true, mobile: true},
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 FxiOS/145.0 Mobile/15E148',
      5,
      {firefox: false, ios: true, mobile: true},
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36',
      5,
      {firefox: false, ios: false, mobile: true},
    ],
  ])('%s (%i touch points)', (userAgent, maxTouchPoints, platform) => {
    expect(detectPlatform({userAgent, maxTouchPoints})).toEqual(platform)
  })
})
