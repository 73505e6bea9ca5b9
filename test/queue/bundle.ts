import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

/** A worker of Node 20 loads no TypeScript: gives the URL of this file's bundle, which is gone when the test has ended. */
export async function bundled(file: string): Promise<URL> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  })
  const folder = mkdtempSync(join(tmpdir(), 'troupe-queue-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'worker.mjs')
  writeFileSync(path, outputFiles[0]!.contents)
  return pathToFileURL(path)
}
