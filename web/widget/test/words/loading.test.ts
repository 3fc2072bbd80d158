import {expect, test} from 'vitest'
import {english} from '../../src/words/en.ts'
import {inEnglish, loadWords, over} from '../../src/words/loading.ts'

const [KEY, OTHER] = Object.keys(english) as [keyof typeof english, keyof typeof english]

function answering(answer: unknown) {
  const asked: string[] = []
  const load = async (url: string) => {
    asked.push(url)
    if (answer instanceof Error) throw answer
    return answer
  }
  return {asked, load}
}

test('the words of a language come from its file beside the others', async () => {
  const {asked, load} = answering({default: {[KEY]: 'ja', end_idle: 'still'}})
  const spoken = await loadWords(['sv', 'ar-EG', 'de'], 'https://talk.example/static/', load)
  expect(asked).toEqual(['https://talk.example/static/viva-lang-ar.js'])
  expect(spoken.lang).toBe('ar')
  expect(spoken.dir).toBe('rtl')
  expect(over(english, spoken)).toEqual({...english, [KEY]: 'ja', end_idle: 'still'})
})

test('what a file of another version lacks is said in English, and what it has beyond is left out', async () => {
  const {load} = answering({default: {[KEY]: '', [OTHER]: 7, ofTomorrow: 'x', _state: 'draft', problem_: 'x'}})
  const spoken = await loadWords(['de'], '/', load)
  expect(spoken.lang).toBe('de')
  expect(over(english, spoken)).toEqual({...english, problem_: 'x'})
})

test('English is asked of nobody', async () => {
  const {asked, load} = answering({default: {}})
  expect(await loadWords(['en-US'], '/', load)).toBe(inEnglish)
  expect(asked).toEqual([])
})

test.each([
  ['cannot be loaded', new Error('404')],
  ['is none', null],
  ['has no words', {}],
  ['is a text', {default: 'words'}],
])('a file that %s leaves English, and says so of language and direction', async (_what, answer) => {
  expect(await loadWords(['he'], '/', answering(answer).load)).toBe(inEnglish)
})
