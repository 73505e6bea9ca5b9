import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Minds } from './minds.ts'

/** A planted bug: in this file of the supervisor layer, this text (which is there exactly once) becomes that. */
export interface Mutant {
  readonly bug: string
  readonly file: string
  readonly from: string
  readonly to: string
}

const layer = fileURLToPath(new URL('../../packages/runtime/src/supervisor/', import.meta.url))
const ENTRY = ['decision', 'static-state', 'dynamic-decision', 'dynamic-state'].map((file) => `export * from './${file}.ts'`).join('\n')

/** Both decisions, from a copy of their source with the bug in it. Without a mutant: the same way, but nothing is changed. */
export async function loadMinds(mutant?: Mutant): Promise<Minds> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: layer, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'silent',
    plugins: mutant === undefined ? [] : [planting(mutant)],
  })
  const folder = mkdtempSync(join(tmpdir(), 'troupe-mutant-'))
  try {
    const file = join(folder, 'minds.mjs')
    writeFileSync(file, outputFiles[0]!.contents)
    return await import(/* @vite-ignore */ pathToFileURL(file).href)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export function planting({ file, from, to }: Mutant) {
  const path = join(layer, file)
  const source = readFileSync(path, 'utf8')
  const found = source.split(from).length - 1
  if (found !== 1) throw new Error(`${file} has this text ${found} times, and a mutant needs it once: ${from}`)
  return {
    name: 'planted-bug',
    setup(esbuild: { onLoad(on: { filter: RegExp }, load: (of: { path: string }) => unknown): void }) {
      esbuild.onLoad({ filter: new RegExp(`${basename(file).replace('.', '\\.')}$`) }, (loaded) =>
        loaded.path === path ? { contents: source.replace(from, () => to), loader: 'ts' } : undefined,
      )
    },
  }
}
