// What the parts of a page weigh after gzip, beside what they may weigh.

import {gzipSync} from 'node:zlib'

/** Bytes after gzip. What a page loads only when it is needed is weighed by file: the heaviest of its kind counts. */
const BUDGETS = {
  loader: {files: ['embed.js'], budget: 3000},
  'until the start screen stands': {files: ['viva-widget.js', 'viva.js'], budget: 28000},
  'whole widget with SDK': {files: ['viva-widget.js', 'viva-more.js', 'viva.js'], budget: 28000},
  SDK: {files: ['viva.js'], budget: 9000},
  'worklets and worker': {files: ['viva-audio.js', 'viva-worker.js'], budget: 6000},
  'page of an agent': {files: ['talk.js', 'talk.css'], budget: 3000},
  'pictures of help': {files: ['viva-help.js'], budget: 8000},
  'a language': {each: /^viva-lang-/, budget: 8000},
}

const weight = (text) => gzipSync(text, {level: 9}).length

/**
 * @param {Record<string, string>} made text by name of file
 * @returns {Record<string, {gzip: number, budget: number}>}
 */
export function sizes(made) {
  const gzip = ({files, each}) =>
    each === undefined
      ? files.reduce((sum, name) => sum + weight(made[name]), 0)
      : Math.max(0, ...Object.keys(made).map((name) => (each.test(name) ? weight(made[name]) : 0)))
  return Object.fromEntries(
    Object.entries(BUDGETS).map(([part, from]) => [part, {gzip: gzip(from), budget: from.budget}]),
  )
}
