import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['sdk/test/{core,audio,session,worklets,worker}/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['sdk/test/browser/**/*.test.ts'],
          expect: {poll: {timeout: 30_000}},
          // a server takes six seconds to come up on a quiet machine
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          retry: 0,
        },
      },
      {test: {name: 'rig', include: ['sdk/rig/**/*.rig.ts'], hookTimeout: 90_000}},
    ],
  },
})
