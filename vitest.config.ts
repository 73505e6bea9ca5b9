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
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    // The built packages run as Node would run them: isolates load the same files.
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    passWithNoTests: true,
  },
})
