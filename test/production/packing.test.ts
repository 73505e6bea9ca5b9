import { spawnSync } from 'node:child_process'
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
