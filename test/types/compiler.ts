import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the compiler says about one place: where it points to, and its lines, of which all but the first are indented. */
export interface Fault {
  readonly line: number
  readonly column: number
  readonly texts: readonly string[]
}

/** The source that a program imports: it lies somewhere else, where no package is found. */
export const RUNTIME = fileURLToPath(new URL('../../packages/runtime/src/', import.meta.url)).replaceAll('\\', '/')
const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replaceAll('\\', '/')

/** The compiler's own command line file: the pinned TypeScript has no other interface that is stable. */
export function compilerPath(): string {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
  return join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc)
}

/** A folder in which a program is compiled as one of this project would be. */
export function programFolder(files: Record<string, string>): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'troupe-types-'))
  // Off, as it is by default: else some texts end in advice about it.
  const compilerOptions = { typeRoots: [`${ROOT}node_modules/@types`], exactOptionalPropertyTypes: false }
  writeFileSync(join(path, 'tsconfig.json'), JSON.stringify({ extends: `${ROOT}tsconfig.base.json`, compilerOptions }))
  writeFileSync(join(path, 'package.json'), JSON.stringify({ type: 'module' }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Compiles each program by itself, in one go, and gives what is wrong in it. */
export function faultsOf(programs: readonly string[]): Fault[][] {
  const folder = programFolder(Object.fromEntries(programs.map((text, index) => [`program${index}.ts`, text])))
  try {
    const args = [compilerPath(), '-p', folder.path, '--pretty', 'false']
    const { stdout, stderr, error } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' })
    if (error !== undefined || stderr !== '') throw error ?? new Error(stderr)
    return faultsByProgram(stdout, programs.length)
  } finally {
    folder.remove()
  }
}

/** `program3.ts(41,11): error TS2345: text`, then indented lines that belong to it. */
function faultsByProgram(output: string, count: number): Fault[][] {
  const found: (Fault & { texts: string[] })[][] = Array.from({ length: count }, () => [])
  let texts: string[] | undefined
  for (const line of output.split(/\r?\n/).filter((text) => text !== '')) {
    const head = /^program(\d+)\.ts\((\d+),(\d+)\): error TS\d+: (.*)$/.exec(line)
    if (head === null) {
      texts?.push(line)
      continue
    }
    texts = [head[4]!]
    found[Number(head[1])]!.push({ line: Number(head[2]), column: Number(head[3]), texts })
  }
  return found
}
