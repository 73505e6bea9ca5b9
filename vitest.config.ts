import { defineConfig } from 'vitest/config'

const report = process.env.TEST_REPORT

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
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
  },
})
