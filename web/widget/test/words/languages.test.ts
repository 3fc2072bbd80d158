import {expect, test} from 'vitest'
import {lossWords, microphoneWords, PROBLEMS, type Problem, troubleWords} from '../../../sdk/src/core/words.ts'
import {LANGUAGES} from '../../src/words/choosing.ts'
import {conversation} from '../../src/words/en/conversation.ts'
import {facts} from '../../src/words/en/facts.ts'
import {shell} from '../../src/words/en/shell.ts'
import {start} from '../../src/words/en/start.ts'
import {troubles} from '../../src/words/en/troubles.ts'
import {english} from '../../src/words/en.ts'
import {told, type Words} from '../../src/words/words.ts'
import {files} from './languages.ts'

const SENTENCES: {readonly [key: string]: string} = english
const TOLD = /^(problem|notice|end)_[a-z_]+$/
const translated = Object.entries(files)

test('there are twenty languages beside English, each with its file', () => {
  expect([...Object.keys(files), 'en'].sort()).toEqual([...LANGUAGES].sort())
  expect(LANGUAGES).toHaveLength(21)
})

test('no two tables of English have a key in common, and none takes a name of what is told', () => {
  const keys = [start, shell, conversation, facts, troubles].flatMap((table) => Object.keys(table))
  expect(keys).toHaveLength(new Set(keys).size)
  expect(keys.filter((key) => !/^[a-z][A-Za-z0-9]*$/.test(key))).toEqual([])
})

test.each(translated)('%s has every sentence and no other', (_language, sentences) => {
  const keys = Object.keys(sentences).filter((key) => key !== '_state' && !TOLD.test(key))
  expect(keys.sort()).toEqual(Object.keys(english).sort())
})

test.each(translated)('%s says in which state it is', (_language, {_state}) => {
  expect(['draft', 'read', 'complete']).toContain(_state)
})

test.each(translated)('%s has words for the same problems, notices and ends as German', (_language, sentences) => {
  const toldIn = (some: object) => Object.keys(some).filter((key) => TOLD.test(key))
  expect(toldIn(sentences).sort()).toEqual(toldIn(files['de'] ?? {}).sort())
})

test.each(translated)('%s fills the same places as English', (_language, sentences) => {
  const places = (text = '') => [...text.matchAll(/\{\w*\}?/g)].map(([place]) => place).sort()
  for (const [key, text] of Object.entries(sentences))
    expect([key, places(text)]).toEqual([key, places(SENTENCES[key])])
})

test.each(translated)('%s has sentences of a sane length, and no mark-up, no loose spaces', (_language, sentences) => {
  for (const [key, text] of Object.entries(sentences)) {
    expect([key, text.trim()]).toEqual([key, text])
    expect([key, text.length > 0 && !/[<>\n\t]|&\w+;| {2}|\*\*|`|\[\w+\]\(/.test(text)]).toEqual([key, true])
    const wanted = SENTENCES[key]?.length
    if (wanted !== undefined) expect([key, text.length <= wanted * 2 + 14]).toEqual([key, true])
  }
})

// a sentence that was copied is a sentence that was forgotten; a single word may be the same in two languages
test.each(translated)('%s is translated', (_language, sentences) => {
  const isSentence = (text: string) => /\p{L}{2}.*\s\p{L}{2}/u.test(text.replaceAll(/\{\w+\}/g, ''))
  const copied = Object.entries(SENTENCES).filter(([key, text]) => isSentence(text) && sentences[key] === text)
  expect(copied.map(([key]) => key)).toEqual([])
})

// whoever changes what a caller consents to names another version, and has the languages follow
test.each(translated)('%s tells of a recording what the same version of English tells', (_language, sentences) => {
  expect(sentences['consentVersion']).toBe(english.consentVersion)
})

test.each([['en', SENTENCES] as const, ...translated])(
  '%s calls a button by what stands on it',
  (_language, sentences) => {
    expect(sentences['helpBack']).toContain(sentences['actAllowed'])
  },
)

const SCRIPTS: {readonly [language: string]: RegExp} = {
  ar: /\p{Script=Arabic}/u,
  fa: /\p{Script=Arabic}/u,
  he: /\p{Script=Hebrew}/u,
  hi: /\p{Script=Devanagari}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
  ko: /\p{Script=Hangul}/u,
  ru: /\p{Script=Cyrillic}/u,
  zh: /\p{Script=Han}/u,
}

test.each(translated)('%s is written in its own script', (language, {_state, ...sentences}) => {
  const script = SCRIPTS[language] ?? /\p{Script=Latin}/u
  const others = Object.entries(sentences).filter(
    ([key, text]) => !script.test(text) && /\p{L}{3}/u.test(SENTENCES[key]?.replaceAll(/\{\w+\}/g, '') ?? ''),
  )
  expect(others.map(([key]) => key)).toEqual([])
})

const problems: readonly Problem[] = [
  ...(['not_found', 'refused', 'busy', 'unreachable', 'load_failed', 'crashed'] as const).map(troubleWords),
  ...(
    [
      'unreachable',
      'ticket_expired',
      'call_gone',
      'protocol',
      'no_hello',
      'busy',
      'elsewhere',
      'slow_peer',
      'failed',
    ] as const
  ).map(lossWords),
  ...Object.values(PROBLEMS),
  ...(['user', 'system', 'dismissed'] as const).map((by) => found({state: 'denied', by})),
  ...(['policy', 'sandbox', 'insecure', 'browser'] as const).map((by) => found({state: 'blocked', by})),
  ...(['system', 'page'] as const).map((by) => found({state: 'busy', by})),
  ...(['missing', 'constrained', 'lost'] as const).map((state) => found({state})),
]

function found(microphone: Parameters<typeof microphoneWords>[0]): Problem {
  const words = microphoneWords(microphone)
  if (words === null) throw new Error('want a problem')
  return words
}

test.each(translated)('%s has words for every problem of the SDK', (_language, sentences) => {
  const words = {...english, ...sentences} as Words
  expect(problems.filter((problem) => told(words, 'problem', problem) === problem.text)).toEqual([])
})
