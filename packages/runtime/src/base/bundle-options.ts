import { InvalidArgumentError } from './errors.ts'
import { checkKeys } from './options.ts'

/** How the modules of actors become what an isolate loads. The guide says what each is for: docs/guide/production.md. */
export interface BundleOptions {
  /**
   * Packages that are not bundled but imported from where they lie, by name (`['pg', '@scope/name']`). What is known not to
   * survive it (native addons, what looks for files of its own) is left out anyway. Default none.
   */
  readonly external?: readonly string[]
  /** false: no package is bundled, and an isolate loads each file of each package by itself. Default true. */
  readonly packages?: boolean
  /** Whether actors written in JavaScript are bundled, too. Default false: they are imported as they lie on disk. */
  readonly javascript?: boolean
  /** Where bundles are kept for later runs. Default: `node_modules/.cache/troupe` near the actor; else, where it can be written. */
  readonly cacheFolder?: string
  /** The folder that `troupe build` wrote, as a `file:` URL or a path. Actors come from there, and esbuild is not needed. */
  readonly built?: URL | string
}

/** Checked, complete, and plain data. */
export interface Bundling {
  readonly external: readonly string[]
  readonly packages: boolean
  readonly javascript: boolean
  readonly cacheFolder: string | undefined
  readonly built: string | undefined
}

const KEYS = ['external', 'packages', 'javascript', 'cacheFolder', 'built'] satisfies readonly (keyof BundleOptions)[]

export function bundlingWith(options: BundleOptions = {}): Bundling {
  checkKeys(options, KEYS, 'bundle')
  const { external = [], packages = true, javascript = false, cacheFolder, built } = options
  if (!Array.isArray(external) || external.some((name) => typeof name !== 'string' || !/^(@[^/]+\/)?[^./@][^/]*$/.test(name)))
    throw new InvalidArgumentError(`bundle.external must be names of packages, as in ['pg', '@scope/name'].`)
  for (const [name, value] of Object.entries({ packages, javascript }))
    if (typeof value !== 'boolean') throw new InvalidArgumentError(`bundle.${name} must be true or false, and is ${String(value)}.`)
  return { external, packages, javascript, cacheFolder, built: built === undefined ? undefined : String(built) }
}
