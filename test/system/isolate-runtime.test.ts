import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import * as api from '@troupe/runtime'
import { expect, test } from 'vitest'

const FILE = new URL('../../packages/runtime/dist/isolate-runtime.cjs', import.meta.url)

type Evaluate = (require: NodeJS.Require, module: { exports: { runtime: { api: typeof api } } }, url: string) => void

/** As an isolate does it (node/run-runtime.ts), in this thread. */
function apiOfIsolates(): typeof api {
  const module = { exports: {} } as Parameters<Evaluate>[1]
  const evaluate = new Script(readFileSync(FILE, 'latin1'), { filename: fileURLToPath(FILE) }).runInThisContext() as Evaluate
  evaluate(createRequire(import.meta.url), module, FILE.href)
  return module.exports.runtime.api
}

// Errors and registered classes travel by the names of their classes, and the build of isolates keeps no names of its own accord.
test('what an actor imports from the runtime has the names that it has in the host', () => {
  const names = (of: object): (readonly [string, string])[] =>
    Object.entries(of).map(([key, value]) => [key, typeof value === 'function' ? value.name : typeof value] as const)
  expect(names(apiOfIsolates())).toEqual(names(api))
})
