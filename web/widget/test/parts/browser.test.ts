import {svg} from 'lit/html.js'
import {expect, test} from 'vitest'
import {browserOf, steps, type Way} from '../../src/help/browser.ts'
import {picture} from '../../src/help/index.ts'
import {english} from '../../src/words/en.ts'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test.each([
  ['chrome', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`],
  ['edge', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`],
  ['firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'],
  ['safari', `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/26.0 Safari/605.1.15`],
  [
    'iphone',
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${WEBKIT} Version/26.0 Mobile/15E148 Safari/604.1`,
  ],
  ['android', `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/156.0.0.0 Mobile Safari/537.36`],
  ['other', `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${WEBKIT} CriOS/156.0 Mobile/15E148 Safari/604.1`],
  ['other', `Mozilla/5.0 (Linux; Android 14) ${WEBKIT} SamsungBrowser/29.0 Chrome/130.0.0.0 Mobile Safari/537.36`],
  ['other', 'Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0'],
  ['other', ''],
])('%s', (browser, userAgent) => {
  expect(browserOf({userAgent})).toBe(browser)
})

test('an iPad that says it is a Macintosh', () => {
  const userAgent = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/26.0 Safari/605.1.15`
  expect(browserOf({userAgent, maxTouchPoints: 5})).toBe('iphone')
})

test('each step of each browser we know has its picture', () => {
  for (const way of ['chrome', 'edge', 'firefox', 'safari', 'iphone', 'android'] satisfies Way[]) {
    expect(steps(english, way).map((_, at) => picture(svg, way, at) !== null)).toEqual([true, true])
  }
})

test('where we know no picture, words are there', () => {
  for (const way of ['other', 'system'] satisfies Way[]) {
    expect(steps(english, way).every((words) => words.length > 10)).toBe(true)
    expect(picture(svg, way, 0)).toBeNull()
  }
})
