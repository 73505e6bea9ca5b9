import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../docs/programs.ts'

// As `pnpm pack` and `pnpm publish` do, by the package's `prepack`.
test.for(['runtime', 'actors'])(
  'production: built in the folder of the package %s, what comes out is the same as from the root',
  (name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['../../scripts/build.mjs'], {
      cwd: join(root, 'packages', name),
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(': 0 files changed')
  },
)

/** All files that a part of a package.json names. */
function filesIn(part: unknown): string[] {
  if (typeof part === 'string') return [part]
  return Object.values(part as object).flatMap(filesIn)
}

test.for(['runtime', 'actors'])('production: what the package %s says that it has is there, and is published', (name) => {
  const folder = join(root, 'packages', name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { exports, bin = {}, files, publishConfig } = manifest
  expect(filesIn([exports, bin]).filter((file) => !existsSync(join(folder, file)))).toEqual([])
  const published = filesIn([publishConfig.exports, bin])
  expect(published.filter((file) => file !== './package.json' && !files.includes(file.split('/')[1]))).toEqual([])
  // The declarations are made only then: each is that of the source which the workspace has for its types.
  const types = published.filter((file) => file.endsWith('.d.ts'))
  expect(types.length).toBeGreaterThan(0)
  const sources = types.map((file) => file.replace('dist/types', 'src').replace(/\.d\.ts$/, '.ts'))
  expect(sources.filter((file) => !existsSync(join(folder, file)))).toEqual([])
  expect(Object.keys(publishConfig.exports)).toEqual(Object.keys(exports))
  // For a TypeScript that looks at no exports (`moduleResolution: node10`, which `module: commonjs` means by itself).
  expect(publishConfig.types).toBe(publishConfig.exports['.'].types)
})
