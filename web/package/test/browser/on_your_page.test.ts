// "On your page in five minutes", followed to the letter on a machine where its ports may be taken.

import {execFile} from 'node:child_process'
import {appendFile, mkdtemp, readFile, rm, symlink} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {House, launch, Site, Visitor} from '../../../sdk/test/browser/harness.ts'
import {english} from '../../../widget/src/words/en.ts'
import type {VivaVoce} from '../../types.ts'
import {type Block, blocksOf, commandsOf, ROOT} from '../guide.ts'

const AGENT_FILE = 'agents/founder.yaml'

/** Where somebody stands who follows the page. */
const stand = {folder: '', house: null as House | null, pages: {} as Record<string, string>, site: null as Site | null}

/** What each command of the page comes to here. One that nobody knows how to follow fails the test. */
const COMMANDS: readonly (readonly [RegExp, (command: string) => Promise<unknown>])[] = [
  [
    /^mkdir -p agents && cp \S+ agents\/$/,
    (command) => promisify(execFile)('sh', ['-c', command], {cwd: stand.folder}),
  ],
  [/^\.venv\/bin\/viva serve$/, serve],
  [/^python3 -m http\.server 8000$/, async () => undefined], // it serves already: its origin is a part of the agent's file
]

async function serve(): Promise<void> {
  stand.house = await House.open({founder: await readFile(join(stand.folder, AGENT_FILE), 'utf8')})
}

async function follow(block: Block): Promise<void> {
  const text = block.text
    .replaceAll('http://localhost:8000', stand.site?.url ?? '')
    .replaceAll('http://127.0.0.1:8642', stand.house?.url ?? '')
  switch (block.kind) {
    case 'console':
      for (const command of commandsOf(block)) {
        const [, run] = COMMANDS.find(([pattern]) => pattern.test(command)) ?? []
        if (run === undefined) throw new Error(`want a command that can be followed, got ${command}`)
        await run(command)
      }
      return
    case 'yaml':
      return appendFile(join(stand.folder, AGENT_FILE), text)
    case 'html':
      stand.pages['/'] = text
      return
    default:
      throw new Error(`want console, yaml or html, got ${block.kind}`)
  }
}

beforeAll(async () => {
  stand.folder = await mkdtemp(join(tmpdir(), 'viva-guide-'))
  await symlink(join(ROOT, 'examples'), join(stand.folder, 'examples'))
  stand.site = await Site.open(stand.pages)
  for (const block of await blocksOf('howto/on-your-page.md')) await follow(block)
})

afterAll(async () => {
  await stand.site?.close()
  await stand.house?.close()
  await rm(stand.folder, {recursive: true, force: true})
})

test('whoever follows the page has a bubble that costs nothing, and a talk after a tap', async () => {
  const server = stand.house?.url ?? ''
  const browser = await launch()
  const visitor = await Visitor.of(browser)
  const asked: string[] = []
  visitor.context.on('request', (request) => asked.push(request.url()))
  const page = await visitor.open(stand.site?.url ?? '')
  const bubble = page.locator('viva-voce').getByRole('button')
  await bubble.waitFor()
  expect(asked.filter((url) => url.startsWith(server))).toEqual([`${server}/static/embed.js`])
  await bubble.click()
  await page.getByRole('button', {name: english.startText}).click()
  const view = () =>
    page.evaluate(() => {
      const call = document.querySelector<VivaVoce>('viva-voce')?.call
      return {screen: call?.view.screen, speaks: (call?.view.captions.length ?? 0) > 0}
    })
  await expect.poll(view).toEqual({screen: 'text', speaks: true})
  await visitor.close()
  await browser.close()
})
