// The bare page: what the view says goes into the markup that `/talk/AGENT` came with, and buttons go to the call.

import {type CallOptions, createCall, resumable, type View} from '../src/index.ts'

type Problem = View['problems'][number]

function part<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector)
  if (found === null) throw new Error(`want ${selector} on the page, got a page without`)
  return found
}

const page = part('#talk')
const options: CallOptions = {agent: page.dataset['agent'] ?? ''}
const call = createCall(options)

/** What the button of a problem says and does. Without an entry there is nothing to press. */
const HELP: {readonly [action in Problem['action']]?: readonly [string, () => unknown]} = {
  retry: ['Try again', again],
  restart: ['Start again', () => call.start()],
  reload: ['Reload the page', () => location.reload()],
  use_text: ['Type instead', () => begin('text')],
  allow_microphone: ['I have allowed it', again],
  choose_microphone: ['Choose a microphone', choose],
  open_tab: ['Open in a new tab', () => open(location.href, '_blank', 'noopener')],
  tap: ['Turn on the sound', () => call.unlock()],
  headphones: ['OK', close],
}
const TURNS = {
  open: 'Your turn',
  caller: 'Listening …',
  waiting: 'One moment …',
  agent: 'speaks',
  held: 'Listening …',
}

let shown: View | null = null
let problem: Problem | undefined
const lines = new Map<string, HTMLElement>()

function isOn(view: View): boolean {
  return view.screen === 'talk' || view.screen === 'text' || view.screen === 'reconnecting'
}

function again(): Promise<void> {
  return isOn(call.view) ? call.setMode('voice') : call.start()
}

async function begin(mode: 'voice' | 'text'): Promise<void> {
  await call.setMode(mode)
  if (!isOn(call.view)) await call.start()
}

function close(): void {
  if (problem !== undefined) call.dismiss(problem.code)
}

async function choose(): Promise<void> {
  const devices = await call.devices()
  if (devices.length < 2) return again() // nothing to choose from: the one there is, or was
  const buttons = devices.map(({id, label}, index) => {
    const button = document.createElement('button')
    button.textContent = label || `Microphone ${index + 1}`
    button.onclick = async () => {
      part('#choice').hidden = true
      await call.useMicrophone(id)
      await begin('voice')
    }
    return button
  })
  part('#choice div').replaceChildren(...buttons)
  part('#choice').hidden = false
  buttons[0]?.focus()
}

/** Puts words where they are read out; the same words again would be read again. */
function say(selector: string, text: string): void {
  const place = part(selector)
  if (place.textContent !== text) place.textContent = text
}

function nameOf(view: View, who: string): string {
  if (who === 'caller') return 'You'
  return view.speakers.find((speaker) => speaker.id === who)?.name || who
}

function drawProblem(view: View): void {
  if (problem?.code !== view.problems[0]?.code) part('#choice').hidden = true
  problem = view.problems[0]
  const panel = part('#problem')
  panel.hidden = problem === undefined
  if (problem === undefined) return
  panel.toggleAttribute('data-calm', view.screen !== 'problem')
  say('#problem p', problem.text)
  const [label] = HELP[problem.action] ?? []
  part('#help').hidden = label === undefined
  part('#help').textContent = label ?? ''
  part('#instead').hidden =
    view.mode === 'text' || problem.action === 'use_text' || !/^(microphone|sound)_/.test(problem.code)
}

function bannerOf({screen, mode, connection, ended, notices}: View): string {
  if (screen === 'connecting')
    return mode === 'voice' ? 'Connecting … If your browser asks, allow the microphone.' : 'Connecting …'
  if (screen === 'ended') return connection === 'replaced' ? '' : ended?.text || 'The talk has ended. Thank you.'
  return notices.at(-1)?.text ?? ''
}

function drawBanner(view: View): void {
  say('#banner p', bannerOf(view))
  part('#seen').hidden = !isOn(view) || view.notices.length === 0
}

function drawCaptions(view: View): void {
  if (view.captions.length === 0) {
    lines.clear() // another talk counts its turns anew
    part('#captions').replaceChildren()
  }
  let latest = ''
  for (const {who, turn, text, final} of view.captions) {
    const key = `${who} ${turn}`
    let line = lines.get(key)
    if (line === undefined) {
      line = document.createElement('li')
      line.append(document.createElement('b'), document.createElement('span'))
      for (const each of line.children) each.setAttribute('dir', 'auto')
      lines.set(key, line)
      part('#captions').append(line)
    }
    line.className = `${who === 'caller' ? 'caller' : ''} ${final ? '' : 'open'}`.trim()
    const [name, words] = line.children
    if (name) name.textContent = nameOf(view, who)
    if (words) words.textContent = text
    // whole sentences only: who listens to a screen reader is not read every word twice
    if (final && who !== 'caller') latest = text
  }
  say('#said', latest)
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(', ')
  if (typeof value === 'object' && value !== null) return Object.values(value).map(written).join(' ')
  return String(value)
}

function drawFacts(view: View): void {
  const known = view.fields.flatMap(({id}) => {
    const value = view.facts[id]?.value
    return value === undefined || value === null ? [] : [[id, written(value)] as const]
  })
  part('#facts').hidden = known.length === 0
  part('#facts summary span').textContent = `(${known.length})`
  part('#facts dl').replaceChildren(
    ...known.flatMap(([id, value]) => {
      const term = document.createElement('dt')
      const text = document.createElement('dd')
      term.textContent = id.replaceAll('_', ' ')
      text.textContent = value
      text.dataset['field'] = id
      text.dir = 'auto'
      return [term, text]
    }),
  )
}

/** The focus goes where the next step is, if what had it is gone. */
function keepFocus(view: View, isNew: boolean): void {
  const focused = document.activeElement ?? document.body
  const isLost = focused.getClientRects().length === 0 || (isNew && focused === document.body)
  const isAboutToType = isNew && focused.id === 'mode' && view.screen === 'text'
  if (!isLost && !isAboutToType) return
  if (view.screen === 'talk') part('#mute').focus()
  else if (view.screen === 'text') part('#words').focus()
  else if (view.screen === 'problem') part('#help').focus()
  else if (view.screen !== 'start') part('#attention').focus()
}

function draw(view: View): void {
  const before = shown
  // whoever has scrolled up reads, and is left alone; for all others what is new stays in sight
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 80
  shown = view
  page.dataset['screen'] = view.screen
  page.dataset['turn'] = view.floor.turn
  drawProblem(view)
  drawBanner(view)
  part('#consent').hidden = view.consent !== 'ask' || !isOn(view)
  const isMuted = view.microphone === 'muted' && view.mode === 'voice'
  part('#speaker').textContent = nameOf(view, view.floor.holder)
  part('#turn').textContent = TURNS[view.floor.turn] + (isMuted ? ' · you are muted' : '')
  part('#mute').setAttribute('aria-pressed', String(isMuted))
  part('#mode').textContent = view.mode === 'voice' ? 'Type' : 'Talk'
  if (before?.facts !== view.facts) drawFacts(view)
  if (before?.captions !== view.captions || before.speakers !== view.speakers) drawCaptions(view)
  if (view.screen === 'ended') part('#voice').textContent = 'Talk again'
  const isNew = before !== null && before.screen !== view.screen
  if (atEnd && isOn(view)) scrollTo(0, document.documentElement.scrollHeight)
  if (isNew && view.screen === 'ended') scrollTo(0, 0)
  keepFocus(view, isNew)
}

function drawLevels(): void {
  const {microphone, agent} = call.levels()
  part('#mic-level').style.transform = `scaleX(${Math.min(1, microphone * 4)})`
  part('#agent-level').style.transform = `scaleX(${Math.min(1, agent * 4)})`
  requestAnimationFrame(drawLevels)
}

function press(selector: string, act: () => unknown): void {
  part(selector).addEventListener('click', act)
}

press('#voice', () => begin('voice'))
press('#text', () => begin('text'))
press('#instead', () => begin('text'))
press('#help', () => problem && HELP[problem.action]?.[1]())
press('#mute', () => call.mute(call.view.microphone !== 'muted'))
press('#mode', () => call.setMode(call.view.mode === 'voice' ? 'text' : 'voice'))
press('#seen', () => {
  for (const {code} of call.view.notices) call.dismiss(code)
})
press('#leave', () => call.leave())
press('#consent [data-decision=given]', () => call.consent('given'))
press('#consent [data-decision=refused]', () => call.consent('refused'))
part('#typing').addEventListener('submit', (event) => {
  event.preventDefault()
  const words = part<HTMLInputElement>('#words')
  call.type(words.value)
  words.value = ''
})

part('#facts').toggleAttribute('open', matchMedia('(min-width: 80rem)').matches)
if (resumable(options)) part('#voice').textContent = 'Go on'
call.subscribe(draw)
draw(call.view)
drawLevels()
