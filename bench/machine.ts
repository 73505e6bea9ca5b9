// What a figure was measured on and with.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus } from 'node:os'

export function versions(): Record<string, string> {
  const require = createRequire(import.meta.url)
  const manifest = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { dependencies: Record<string, string> }
  const { version } = require('@troupe/runtime/package.json') as { version: string }
  return { ...manifest.dependencies, '@troupe/runtime': version }
}

export function machine(): { cpu: string; cores: number } {
  return { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism() }
}
