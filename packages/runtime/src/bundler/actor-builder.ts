import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleName, deferredName, isActorModule } from './actor-modules.ts'
import { type Bundle, bundle } from './bundle.ts'
import type { Esbuild } from './esbuild-service.ts'
import { movableSite } from './site.ts'

/** The oldest Node that Troupe runs on: what is built on one Node runs on another. */
const TARGET = 'node20.19'

export interface ActorBuild {
  /** Names of bundles and of files in errors are relative to it. */
  readonly root: string
  /** Where the bundles will lie. */
  readonly folder: string
  readonly external?: readonly string[]
  readonly packages?: boolean
  /** What the bundles import for `@troupe/runtime`. Default: that. */
  runtime?(specifier: string): string
}

export interface BuiltActor {
  readonly file: string
  /** The bundle's file in `folder`. */
  readonly name: string
  readonly bundle: Bundle
  /** The same as a function, which an isolate takes instead (bundle-format.ts); undefined: it can only be an ES module. */
  readonly deferred: string | undefined
}

/** Bundles for production: of the modules that it is told, and of the actors that those know of. */
export class ActorBuilder {
  readonly #esbuild: Esbuild
  readonly #build: ActorBuild
  readonly #names = new Map<string, string>()
  readonly #waiting: string[] = []

  constructor(esbuild: Esbuild, build: ActorBuild) {
    this.#esbuild = esbuild
    this.#build = build
  }

  /** The file name of the bundle of a module, which is built by `finish`. */
  add(file: string): string {
    const known = this.#names.get(file)
    if (known !== undefined) return known
    const name = bundleName(file, this.#build.root)
    this.#names.set(file, name)
    this.#waiting.push(file)
    return name
  }

  /** The same; undefined for what is no module of an actor. */
  addIfActor(file: string): string | undefined {
    return this.#names.get(file) ?? (isActorModule(file) ? this.add(file) : undefined)
  }

  /** All that was added and not built yet. Rejects with esbuild's failure, which names file and line. */
  async finish(): Promise<BuiltActor[]> {
    const built: BuiltActor[] = []
    const { root, folder, external = [], packages = true, runtime = (specifier: string) => specifier } = this.#build
    const site = movableSite({ folder, runtime, bundleOf: (file) => this.addIfActor(file) })
    for (let file = this.#waiting.shift(); file !== undefined; file = this.#waiting.shift()) {
      const request = { file, root, site, target: TARGET, external, packages }
      const made = await bundle(this.#esbuild, request)
      const name = this.#names.get(file)!
      if (made.format === 'esm') built.push({ file, name, bundle: made, deferred: undefined })
      else built.push({ file, name, bundle: await bundle(this.#esbuild, { ...request, format: 'esm' }), deferred: made.code })
    }
    return built
  }
}

export function writeBundles(folder: string, built: readonly BuiltActor[]): void {
  mkdirSync(folder, { recursive: true })
  for (const { name, bundle: made, deferred } of built) {
    writeFileSync(join(folder, name), made.code)
    const beside = join(folder, deferredName(name))
    if (deferred === undefined) rmSync(beside, { force: true })
    else writeFileSync(beside, deferred)
  }
}
