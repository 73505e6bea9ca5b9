import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ActorBuilder, writeBundles } from './actor-builder.ts'
import { actorModulesIn } from './actor-modules.ts'
import { EsbuildService } from './esbuild-service.ts'
import { explain } from './explain.ts'
import { writeManifest } from './manifest.ts'
import { readJson } from './package-files.ts'

const USAGE = `troupe build FILE|FOLDER… [--out FOLDER] [--external PACKAGE…] [--no-packages]
  Bundles actors for production: the modules that are named, the modules of actors in the folders, and the actors that these
  know of. Start the system with { bundle: { built: FOLDER } }; esbuild is not needed then. Default of --out: dist/actors.

troupe explain FILE
  What the isolate of an actor loads: modules, bytes, milliseconds, and the heaviest ten.`

export interface CommandLinePorts {
  readonly runtimeUrl: string
  loadTimeMs(url: string): Promise<number>
  print(text: string): void
}

/** A mistake in the call, and not in what was called. */
class UsageError extends Error {}

/** Carries out a command. Resolves with the exit code. */
export async function runCommand(args: readonly string[], ports: CommandLinePorts): Promise<number> {
  const esbuild = new EsbuildService()
  try {
    const [command, ...rest] = args
    if (command === 'build') ports.print(await build(rest, esbuild))
    else if (command === 'explain') ports.print(await explain(oneFile(rest), { ...ports, esbuild }))
    else if (command === '--version') ports.print(versionBeside(ports.runtimeUrl))
    else if (command === 'help' || command === '--help') ports.print(USAGE)
    else throw new UsageError(command === undefined ? 'a command is missing' : `there is no command: ${args.join(' ')}`)
    return 0
  } catch (error) {
    const isUsage = error instanceof UsageError || isOfArguments(error)
    ports.print(isUsage ? `${(error as Error).message}\n\n${USAGE}` : error instanceof Error ? error.message : String(error))
    return isUsage ? 2 : 1
  } finally {
    await esbuild.end()
  }
}

async function build(args: readonly string[], service: EsbuildService): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string', default: join('dist', 'actors') },
      external: { type: 'string', multiple: true, default: [] },
      'no-packages': { type: 'boolean', default: false },
    },
  })
  if (positionals.length === 0) throw new UsageError('which modules? Name files or folders')
  const files = positionals.flatMap((path) => actorModulesIn(existing(path)))
  if (files.length === 0) throw new UsageError(`no module of an actor in ${positionals.join(', ')}`)
  const [folder, root] = [resolve(values.out), packageRoot(files[0]!)]
  const built = await service.use(async (esbuild) => {
    const builder = new ActorBuilder(esbuild, { root, folder, external: values.external, packages: !values['no-packages'] })
    for (const file of files) builder.add(file)
    return builder.finish()
  })
  writeBundles(folder, built)
  writeManifest(folder, root, built)
  const names = built.map(({ file, name, bundle }) => `  ${relative(root, file)} → ${name}, ${(bundle.code.length / 1024).toFixed(0)} KB`)
  return `built ${built.length} actors into ${relative(process.cwd(), folder) || '.'}:\n${names.join('\n')}`
}

function versionBeside(runtimeUrl: string): string {
  return readJson<{ readonly version: string }>(fileURLToPath(new URL('../package.json', runtimeUrl)))?.version ?? 'unknown'
}

function oneFile(paths: readonly string[]): string {
  const [path, ...more] = paths
  if (path === undefined || more.length > 0) throw new UsageError('which module? Name the file of one actor')
  if (statSync(existing(path)).isDirectory()) throw new UsageError(`${path} is a folder. Name the file of one actor`)
  return path
}

/** Of `parseArgs`. */
function isOfArguments(error: unknown): boolean {
  return error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
}

function existing(path: string): string {
  if (existsSync(path)) return path
  throw new UsageError(`there is no ${path}`)
}

/** Modules are named from the folder of their package.json. */
function packageRoot(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) return process.cwd()
  }
}
