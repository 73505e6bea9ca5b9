import { defineConfig } from 'vitest/config'

/** What holds for actors in their host's own thread, too: these run once more, so. */
const INLINE = ['asks', 'links', 'messages', 'streams', 'survival', 'timers', 'upgrades']

const report = process.env.TEST_REPORT

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // No test passes because of a time-out: this one only ends a test that hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // CI's machines are shared and slow. A case that passes only at a second try is printed as such: it is a bug to be found,
    // in the case until proven otherwise. On your own machine nothing is tried twice.
    retry: process.env.CI === undefined ? 0 : 2,
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    // The built packages run as Node would run them: isolates load the same files.
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    passWithNoTests: true,
    projects: [
      { extends: true, test: { name: 'threads', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'inline', include: INLINE.map((name) => `test/behaviour/${name}.test.ts`), env: { TEST_ISOLATE: 'inline' } },
      },
    ],
  },
})
