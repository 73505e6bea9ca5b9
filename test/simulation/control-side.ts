import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Control } from '../../packages/runtime/src/system/control.ts'
import { type Mutant, planting } from '../supervisor/mutants.ts'

/** The control side of a system, from the sources or from a copy with a bug in it. */
export interface ControlSide {
  readonly Control: typeof Control
}

const source = fileURLToPath(new URL('../../packages/runtime/src/', import.meta.url))

export async function loadControlSide(mutant?: Mutant): Promise<ControlSide> {
  const { outputFiles } = await build({
    stdin: { contents: "export { Control } from './system/control.ts'", resolveDir: source, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    plugins: mutant === undefined ? [] : [planting(mutant)],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  const folder = mkdtempSync(join(tmpdir(), 'troupe-control-'))
  try {
    const file = join(folder, 'control.mjs')
    writeFileSync(file, outputFiles[0]!.contents)
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as ControlSide
  } finally {
    rmSync(folder, { recursive: true })
  }
}
