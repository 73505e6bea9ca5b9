import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** A worker of Node 20 loads no TypeScript: gives a bundle of that file, which is there until it is removed. */
export async function bundleOf(file: URL): Promise<{ readonly url: URL; readonly remove: () => void }> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(file)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  })
  const folder = mkdtempSync(join(tmpdir(), 'troupe-queue-'))
  const path = join(folder, 'worker.mjs')
  writeFileSync(path, outputFiles[0]!.contents)
  return { url: pathToFileURL(path), remove: () => rmSync(folder, { recursive: true }) }
}
