import { isBuiltin } from 'node:module'
import type { BuildFailure, BuildResult, Metafile } from 'esbuild'
import { shownAhead } from '../base/node-modules-ahead.ts'
import { DEFERRED } from '../base/script-url.ts'
import { RUNTIME, type Site } from './site.ts'

/**
 * `cjs`: a CommonJS module that exports a function, which evaluates the actor's module (node/thread-modules.ts). An isolate needs no loader
 * of ES modules for it, and an idle one can have it compiled before it is known who needs it. `esm`: where only that will do.
 */
export type BundleFormat = 'cjs' | 'esm'

export const EXTENSIONS: Readonly<Record<BundleFormat, string>> = { cjs: DEFERRED, esm: '.mjs' }

export interface Built extends BuildResult {
  readonly metafile: Metafile
}

/**
 * Whether a CommonJS bundle does what the modules in it would do as ES modules. Not where one imports a package from outside: what
 * it gets would depend on who reads it.
 */
export function isSameInCommonJs({ metafile, warnings }: Built): boolean {
  if (warnings.some(({ id }) => id === 'empty-import-meta')) return false
  return Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ path, kind, external }) => external === true && kind === 'import-statement' && path !== '<runtime>')
    .every(({ path }) => isBuiltin(path) || path === RUNTIME)
}

/** What only an ES module can do. */
export function awaitsAtTopLevel({ errors }: BuildFailure): boolean {
  return errors?.some(({ text }) => /^Top-level await .*"cjs"/.test(text)) ?? false
}

/** With one line before it: what the code needs of Node before all else. `imports`: what it imports from outside. */
export function withHead(format: BundleFormat, code: string, imports: readonly string[], { requireFrom }: Site): string {
  return format === 'esm' ? `${moduleHead(code, requireFrom)}\n${code}` : deferred(code, imports, requireFrom)
}

function moduleHead(code: string, requireFrom: string): string {
  const head = ['__troupe_bundle_url = import.meta.url']
  const imports: string[] = []
  if (code.includes('__troupe_path')) imports.push(`import { fileURLToPath as __troupe_path } from 'node:url'`)
  if (/\b__require\b/.test(code)) {
    imports.push(`import { createRequire as __troupe_require } from 'node:module'`)
    head.push(`require = __troupe_require(${requireFrom})`)
  }
  return `${[...imports, `const ${head.join(', ')}`].join(';')};`
}

/** Strict, as ES modules are. Whoever calls the function gives it its `@troupe/runtime`. */
function deferred(code: string, imports: readonly string[], requireFrom: string): string {
  const requiresMore = /\brequire\b(?!\("(?:node:|@troupe\/runtime"))/.test(code)
  const head = [`'use strict'${shownAhead(imports)}`]
  if (code.includes('__troupe_bundle_url') || requiresMore)
    head.push(`const __troupe_bundle_url = require('node:url').pathToFileURL(__filename).href`)
  if (code.includes('__troupe_path')) head.push(`const __troupe_path = require('node:url').fileURLToPath`)
  head.push(`const __troupe_require = ${requiresMore ? `require('node:module').createRequire(${requireFrom})` : 'require'}`)
  const own = `(id) => id === '@troupe/runtime' ? __troupe_runtime : __troupe_require(id)`
  const require = requiresMore ? `Object.assign(${own}, __troupe_require)` : own
  head.push(`module.exports = (function (module, exports, __troupe_runtime) { const require = ${require}`)
  return `${head.join('; ')};\n${code};return module.exports})\n`
}
