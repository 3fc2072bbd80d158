// What a page of somebody else's pays for the widget: the same page without it, with it, and after a tap.
//
// Run: node widget/bench/host.mjs [--brief] [--json]     CHROMIUM names the browser; `viva serve` runs beside it.

import {mkdir, mkdtemp, rm} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {build} from 'esbuild'

const TESTS = join(dirname(fileURLToPath(import.meta.url)), '../test/browser')
const VISITS = process.argv.includes('--brief') ? 1 : 15
const PATHS = ['/without', '/least', '/bubble', '/inline']

/** What the tests measure with. It lies within the package, for the sake of its imports. */
async function measuring(folder) {
  const outfile = join(folder, 'measuring.mjs')
  await build({
    stdin: {
      contents: `export * from './cost.ts'; export {AGENT, House, launch, Site} from '../../../sdk/test/browser/harness.ts'`,
      resolveDir: TESTS,
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    // a bundle stands elsewhere than its sources
    define: {'import.meta.dirname': JSON.stringify(TESTS)},
    logLevel: 'error',
  })
  return import(pathToFileURL(outfile).href)
}

async function measure({AGENT, House, launch, Site, compare, costOf, begin, hosts}) {
  const house = await House.open({open: `${AGENT}embed: {origins: ['*']}\n`})
  const site = await Site.open(hosts(house.url))
  const browser = await launch()
  try {
    const costs = await compare(browser, site.url, PATHS, VISITS)
    return {...costs, '/tapped': await costOf(browser, `${site.url}/bubble`, begin)}
  } finally {
    await browser.close()
    await site.close()
    await house.close()
  }
}

/** One row for each page. Before a tap, but for the last. */
function table(costs) {
  const rows = [
    ['the page alone', '/without'],
    ['… with an element that is one button', '/least'],
    ['… with the bubble', '/bubble'],
    ['… with an inline talk', '/inline'],
    ['… with the bubble, after a tap', '/tapped'],
  ]
  const head = [
    '',
    'requests',
    'kB',
    'work, ms',
    'work from then on, ms',
    'long tasks',
    'layout shift',
    'listeners',
    'stored',
  ]
  const lines = rows.map(([name, path]) => {
    const cost = costs[path]
    const figures = [
      cost.requests,
      (cost.bytes / 1000).toFixed(1),
      cost.work_ms.toFixed(1),
      cost.idle_ms.toFixed(1),
      cost.longTasks,
      cost.shift.toFixed(4).replace(/\.?0+$/, ''),
      cost.listeners,
      cost.stored,
    ]
    return `| ${[name, ...figures].join(' | ')} |`
  })
  return [`| ${head.join(' | ')} |`, `|---|${'---:|'.repeat(head.length - 1)}`, ...lines].join('\n')
}

const cache = join(TESTS, '../../../node_modules/.cache')
await mkdir(cache, {recursive: true})
const folder = await mkdtemp(join(cache, 'host-'))
try {
  const costs = await measure(await measuring(folder))
  process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(costs) : table(costs)}\n`)
} finally {
  await rm(folder, {recursive: true, force: true})
}
