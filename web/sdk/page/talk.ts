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
  restart: ['Start anew', () => call.start()],
  reload: ['Load the page again', () => location.reload()],
  use_text: ['Type instead', () => begin('text')],
  allow_microphone: ['I have allowed it', again],
  choose_microphone: ['Choose a microphone', choose],
  open_tab: ['Open in a new tab', () => open(location.href, '_blank', 'noopener')],
  tap: ['Let it sound', () => call.unlock()],
  headphones: ['All right', close],
}
const TURNS = {
  open: 'Your turn',
  caller: 'You are heard',
  waiting: 'One moment …',
  agent: 'speaks',
  held: 'You are heard',
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
  const list = part<HTMLSelectElement>('#microphones')
  const devices = await call.devices()
  list.replaceChildren(...devices.map(({id, label}, index) => new Option(label || `Microphone ${index + 1}`, id)))
  list.selectedIndex = -1
  part('#choice').hidden = false
  list.focus()
}

function nameOf(view: View, who: string): string {
  if (who === 'caller') return 'You'
  return view.speakers.find((speaker) => speaker.id === who)?.name || who
}

function drawProblem(view: View): void {
  problem = view.problems[0]
  const panel = part('#problem')
  panel.hidden = problem === undefined
  if (problem === undefined) return
  panel.toggleAttribute('data-calm', view.screen !== 'problem')
  part('#problem p').textContent = problem.text
  const [label] = HELP[problem.action] ?? []
  part('#help').hidden = label === undefined
  part('#help').textContent = label ?? ''
  part('#instead').hidden =
    view.mode === 'text' || problem.action === 'use_text' || !/^(microphone|sound)_/.test(problem.code)
}

function drawBanner(view: View): void {
  const words =
    view.screen === 'connecting'
      ? 'Connecting …'
      : view.screen === 'ended'
        ? view.ended?.text || 'The talk has ended. Thank you.'
        : (view.notices.at(-1)?.text ?? '')
  part('#banner').hidden = words === ''
  part('#banner').textContent = words
}

function drawCaptions(view: View): void {
  if (view.captions.length === 0) {
    lines.clear() // another talk counts its turns anew
    part('#captions').replaceChildren()
  }
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 80
  for (const {who, turn, text, final} of view.captions) {
    const key = `${who} ${turn}`
    let line = lines.get(key)
    if (line === undefined) {
      line = document.createElement('li')
      line.append(document.createElement('b'), document.createElement('span'))
      lines.set(key, line)
      part('#captions').append(line)
    }
    line.className = `${who === 'caller' ? 'caller' : ''} ${final ? '' : 'open'}`.trim()
    const [name, words] = line.children
    if (name) name.textContent = nameOf(view, who)
    if (words) words.textContent = text
    // whole sentences only: who listens to a screen reader is not read every word twice
    if (final && who !== 'caller') part('#said').textContent = text
  }
  if (atEnd) scrollTo(0, document.documentElement.scrollHeight)
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
  part('#facts dl').replaceChildren(
    ...known.flatMap(([id, value]) => {
      const term = document.createElement('dt')
      const text = document.createElement('dd')
      term.textContent = id.replaceAll('_', ' ')
      text.textContent = value
      text.dataset['field'] = id
      return [term, text]
    }),
  )
}

function draw(view: View): void {
  const before = shown
  shown = view
  page.dataset['screen'] = view.screen
  drawProblem(view)
  drawBanner(view)
  part('#consent').hidden = view.consent !== 'ask' || !isOn(view)
  page.dataset['turn'] = view.floor.turn
  part('#speaker').textContent = nameOf(view, view.floor.holder)
  part('#turn').textContent = TURNS[view.floor.turn]
  part('#mute').setAttribute('aria-pressed', String(view.microphone === 'muted'))
  part('#mode').textContent = view.mode === 'voice' ? 'Type only' : 'Talk'
  if (before?.captions !== view.captions || before.speakers !== view.speakers) drawCaptions(view)
  if (before?.facts !== view.facts) drawFacts(view)
  if (view.screen === 'ended') part('#voice').textContent = 'Talk again'
  // the button that had the focus may be gone
  if (before?.screen !== view.screen && isOn(view) && document.activeElement === document.body)
    part(view.screen === 'text' ? '#words' : '#mute').focus()
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
press('#leave', () => call.leave())
press('#consent [data-decision=given]', () => call.consent('given'))
press('#consent [data-decision=refused]', () => call.consent('refused'))
part('#microphones').addEventListener('change', (event) => {
  part('#choice').hidden = true
  if (event.target instanceof HTMLSelectElement) call.useMicrophone(event.target.value)
})
part('#typing').addEventListener('submit', (event) => {
  event.preventDefault()
  const words = part<HTMLInputElement>('#words')
  call.type(words.value)
  words.value = ''
})

if (resumable(options)) part('#voice').textContent = 'Go on'
call.subscribe(draw)
draw(call.view)
drawLevels()
