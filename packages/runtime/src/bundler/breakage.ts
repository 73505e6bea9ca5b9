import { readFileSync } from 'node:fs'
import type { Message } from 'esbuild'
import { packageOf } from './package-files.ts'

/**
 * What a file of a package may say that means something else inside a bundle. Such a package stays outside: it then runs as
 * Node would run it. A match in a comment costs some speed and breaks nothing.
 */
const BREAKS: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\bimport\.meta\b/, why: 'import.meta' },
  { pattern: /\b__(?:dirname|filename)\b/, why: '__dirname' },
  { pattern: /\.node['"`]|\bprocess\.dlopen\b|['"](?:bindings|node-gyp-build|prebuildify|node-pre-gyp)['"]/, why: 'a native addon' },
  { pattern: /\brequire\.(?:resolve|cache|extensions|main)\b|\bcreateRequire\b/, why: 'require.resolve or the like' },
  { pattern: /(?<![.\w$])(?:require|import)\s*\(\s*(?!['")\s])/, why: 'an import of what is computed' },
  { pattern: /\bnew\s+(?:\w+\.)?Worker\s*\(/, why: 'a worker of its own' },
]

/** Why a package cannot be bundled, as far as this file shows it. */
export function breakageIn(file: string): string | undefined {
  const source = readFileSync(file, 'utf8')
  return BREAKS.find(({ pattern }) => pattern.test(source))?.why
}

/**
 * The packages that errors of esbuild are about: one of their files cannot be bundled (an addon without a loader, an import that
 * only Node can resolve), or does not export, as an ES module, what it exports when Node loads it.
 */
export function packagesToBlame(errors: readonly Message[]): string[] {
  const names = errors.map(({ text, location }) => {
    const target = /^No matching export in "([^"]+)"|configured for "[^"]+" files: (\S+)/.exec(text)
    const file = target?.[1] ?? target?.[2] ?? location?.file
    return file === undefined ? undefined : packageOf(file.startsWith('/') ? file : `/${file}`)?.name
  })
  return names.filter((name) => name !== undefined)
}
