import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Bundle, bundle } from './bundle.ts'
import type { EsbuildService } from './esbuild-service.ts'
import { packageOf } from './package-files.ts'
import { fixedSite } from './site.ts'

const SHOWN = 10

export interface ExplainPorts {
  readonly esbuild: EsbuildService
  readonly runtimeUrl: string
  /** How long an isolate takes to import a module. */
  loadTimeMs(url: string): Promise<number>
}

/** What the isolate of an actor loads: how many modules, bytes and milliseconds, the heaviest, and what stays outside. */
export async function explain(module: string, ports: ExplainPorts): Promise<string> {
  const file = resolve(module)
  const site = fixedSite(file, ports.runtimeUrl)
  const target = `node${process.versions.node}`
  const made = await ports.esbuild.use((esbuild) =>
    bundle(esbuild, { file, root: process.cwd(), site, target, external: [], packages: true }),
  )
  const bytes = sumOf(made.parts.map((part) => part.bytes))
  const ms = await timeOf(made, ports).catch((error: unknown) => {
    throw new Error(`${relative(process.cwd(), file)} could not be loaded: ${error instanceof Error ? error.message : String(error)}`)
  })
  const lines = [
    `${relative(process.cwd(), file)}: an isolate loads ${counted(made.parts.length)}, ${shownBytes(bytes)}, in ${ms.toFixed(0)} ms.`,
    ...(made.inputs.length > made.parts.length ? [`Nothing is used of ${counted(made.inputs.length - made.parts.length)} more.`] : []),
    '',
    ...heaviest(made).map(([name, size, modules]) => `  ${shownBytes(size).padStart(9)}  ${name} (${counted(modules)})`),
  ]
  if (made.outside.size > 0)
    lines.push(
      '',
      'Not in the bundle, but loaded by Node from where they lie:',
      ...[...made.outside].map(([name, why]) => `  ${name}: ${why}`),
    )
  return lines.join('\n')
}

/** Packages as a whole, and the user's own modules one by one. */
function heaviest({ parts }: Bundle): (readonly [name: string, bytes: number, modules: number])[] {
  const groups = new Map<string, { bytes: number; modules: number }>()
  for (const { file, bytes } of parts) {
    const name = packageOf(file)?.name ?? relative(process.cwd(), file)
    const group = groups.get(name) ?? { bytes: 0, modules: 0 }
    groups.set(name, { bytes: group.bytes + bytes, modules: group.modules + 1 })
  }
  return [...groups]
    .map(([name, { bytes, modules }]) => [name, bytes, modules] as const)
    .sort((a, b) => b[1] - a[1])
    .slice(0, SHOWN)
}

async function timeOf(made: Bundle, ports: ExplainPorts): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-explain-'))
  try {
    const file = join(folder, made.name)
    writeFileSync(file, made.code)
    return await ports.loadTimeMs(pathToFileURL(file).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function counted(modules: number): string {
  return modules === 1 ? '1 module' : `${modules} modules`
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function shownBytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(2)} MB`
}
