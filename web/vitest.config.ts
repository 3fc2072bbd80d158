import {defineConfig, type Plugin} from 'vitest/config'

/** As the build does it: a style sheet is a text to the code that adopts it. */
const sheets: Plugin = {
  name: 'sheets',
  enforce: 'pre',
  async resolveId(source, importer) {
    if (!source.endsWith('.css')) return null
    const found = await this.resolve(source, importer, {skipSelf: true})
    return found && `${found.id}?raw`
  },
}

const BROWSER = {
  expect: {poll: {timeout: 30_000}},
  // a server takes some seconds to come up, and more on a busy machine
  testTimeout: 180_000,
  hookTimeout: 180_000,
  retry: 0,
}

/** In a browser as well, but nothing of it is heard, measured or cut off: it may run beside other tests. */
const DRAWN = [
  'react/test/browser/*.test.ts',
  'package/test/browser/*.test.ts',
  'widget/test/browser/{context,conversation,facts,gallery,hostile,injected,keyboard,loader,looks,spoken,troubles}.test.ts',
]

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [sheets],
        test: {
          name: 'pure',
          include: [
            'sdk/test/{core,audio,session,worklets,worker}/**/*.test.ts',
            '{widget,react,package}/test/**/*.test.ts',
          ],
          exclude: ['**/browser/**'],
          css: true,
          testTimeout: 20_000,
        },
      },
      {
        plugins: [sheets],
        test: {name: 'drawn', include: DRAWN, css: true, ...BROWSER},
      },
      {
        plugins: [sheets],
        test: {
          name: 'browser',
          include: ['{sdk,widget,react,package}/test/browser/**/*.test.ts'],
          exclude: DRAWN,
          css: true,
          ...BROWSER,
          fileParallelism: false,
        },
      },
      {test: {name: 'rig', include: ['{sdk,widget}/rig/**/*.rig.ts'], testTimeout: 60_000, hookTimeout: 90_000}},
    ],
  },
})
