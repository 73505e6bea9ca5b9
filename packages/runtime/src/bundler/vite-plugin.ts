// The entry @troupe/runtime/vite: for services that are built by Vite (SSR), Rollup or Rolldown.
import { dirname, resolve } from 'node:path'
import { ActorBuilder, type BuiltActor, writeBundles } from './actor-builder.ts'
import { bundleName, isActorModule, withPlaces } from './actor-modules.ts'
import { EsbuildService } from './esbuild-service.ts'
import { packageOf } from './package-files.ts'

export interface TroupeViteOptions {
  /** Packages that stay outside of the actors' bundles. Default none but those that cannot be bundled. */
  readonly external?: readonly string[]
  /** false: no package is bundled into the actors. Default true. */
  readonly packages?: boolean
}

/** The part of Rollup's interface that is used here; Vite's and Rolldown's are the same. */
export interface TroupeVitePlugin {
  readonly name: string
  readonly enforce: 'pre'
  readonly apply: 'build'
  config(): { readonly ssr: { readonly external: string[] } }
  buildStart(): void
  resolveId(id: string): { readonly id: string; readonly external: true } | undefined
  transform(code: string, id: string): { readonly code: string; readonly map: null } | undefined
  renderChunk(code: string, chunk: { readonly fileName: string }): { readonly code: string; readonly map: null } | undefined
  writeBundle(options: { readonly dir?: string | undefined; readonly file?: string | undefined }): Promise<void>
}

const ACTORS = 'actors'
/** Of the same length for all chunks until they are named: then it becomes the way from the chunk to the actors. */
const PLACE = '__troupe_actors__'

/**
 * Bundles each actor that the service knows of (`static readonly module = import.meta.url`, `actorsIn(new URL('./x.ts',
 * import.meta.url))`) into a file of its own in the folder `actors` of the output, and makes the service name that.
 * `@troupe/runtime` stays in `node_modules`.
 */
export function troupe({ external = [], packages = true }: TroupeViteOptions = {}): TroupeVitePlugin {
  const root = process.cwd()
  const service = new EsbuildService()
  let actors = new Set<string>()
  const urlOf = (file: string): string | undefined => {
    if (!isActorModule(file)) return undefined
    actors.add(file)
    return `new URL(/* @vite-ignore */ ${JSON.stringify(`${PLACE}/${bundleName(file, root)}`)}, import.meta.url).href`
  }
  return {
    name: 'troupe',
    enforce: 'pre',
    apply: 'build',
    config: () => ({ ssr: { external: ['@troupe/runtime'] } }),
    buildStart: () => {
      actors = new Set()
    },
    resolveId: (id) => (/^@troupe\/runtime(\/testing)?$/.test(id) ? { id, external: true } : undefined),
    transform: (code, id) => {
      const file = id.split('?')[0]!
      if (packageOf(file) !== undefined || !/\.[cm]?[jt]sx?$/.test(file)) return undefined
      const changed = withPlaces(code, file, urlOf)
      return changed === code ? undefined : { code: changed, map: null }
    },
    renderChunk: (code, { fileName }) => {
      if (!code.includes(PLACE)) return undefined
      const up = '../'.repeat(fileName.split('/').length - 1) || './'
      return { code: code.replaceAll(`${PLACE}/`, `${up}${ACTORS}/`), map: null }
    },
    // Not as assets: Vite drops those of a server's build.
    async writeBundle({ dir, file }) {
      const folder = resolve(root, dir ?? (file === undefined ? 'dist' : dirname(file)), ACTORS)
      const built = await service.use(async (esbuild): Promise<BuiltActor[]> => {
        const builder = new ActorBuilder(esbuild, { root, folder, external, packages })
        for (const file of actors) builder.add(file)
        return builder.finish()
      })
      writeBundles(folder, built)
      await service.end()
    },
  }
}
