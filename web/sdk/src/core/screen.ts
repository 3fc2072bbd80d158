// What follows from the state of a call for its screen: which one is shown, and what is wrong.

import type {EchoState, MicrophoneState, Screen, View, Why} from './view.ts'
import {lossWords, microphoneWords, PROBLEMS, type Problem, troubleWords} from './words.ts'

/** The view with everything that is derived. */
export function settled(view: View): View {
  const {why} = view
  const screen = screenOf(view)
  const wrong = problemsOf(view, screen)
  const dismissed = why.dismissed.filter((code) => wrong.some((problem) => problem.code === code))
  const mayClose = screen === 'talk' || screen === 'text'
  const problems = mayClose ? wrong.filter(({code}) => !dismissed.includes(code)) : wrong
  return {...view, screen, microphone: microphoneOf(why), echo: echoOf(why), problems, why: {...why, dismissed}}
}

function screenOf({why, ended, connection, mode}: View): Screen {
  if (!why.began) return 'start'
  if (ended !== null || connection === 'replaced') return 'ended'
  if (why.trouble !== null || connection === 'lost') return 'problem'
  if (connection === 'live' || why.moved === 'quietly') return mode === 'voice' ? 'talk' : 'text'
  if (connection !== 'idle') return why.begun ? 'reconnecting' : 'connecting'
  return mode === 'voice' && microphoneWords(why.found) !== null ? 'problem' : 'connecting'
}

function microphoneOf({found, muted, silent}: Why): MicrophoneState {
  if (found.state !== 'live') return found.state
  return muted ? 'muted' : silent ? 'silent' : 'live'
}

function echoOf({halfDuplex, verdict}: Why): EchoState {
  return halfDuplex ? 'half_duplex' : verdict
}

function problemsOf(view: View, screen: Screen): readonly Problem[] {
  const {why, connection, sound} = view
  if (screen === 'start') return []
  if (screen === 'ended') return connection === 'replaced' ? [PROBLEMS.replaced] : []
  const echo = echoOf(why)
  const wrong = [
    why.trouble !== null && troubleWords(why.trouble),
    why.loss !== null && lossWords(why.loss),
    connection === 'offline' && PROBLEMS.offline,
    screen === 'reconnecting' && connection !== 'offline' && (why.moved ? PROBLEMS.moved : PROBLEMS.reconnecting),
    screen === 'connecting' && connection !== 'offline' && why.attempt > 1 && PROBLEMS.slow,
    microphoneWords(why.found),
    sound === 'suspended' && PROBLEMS.suspended,
    sound === 'failed' && PROBLEMS.soundFailed,
    microphoneOf(why) === 'silent' && PROBLEMS.silent,
    screen === 'talk' && echo === 'poor' && PROBLEMS.echo,
    screen === 'talk' && echo === 'half_duplex' && PROBLEMS.halfDuplex,
  ]
  return wrong.filter((problem) => problem !== false && problem !== null)
}
