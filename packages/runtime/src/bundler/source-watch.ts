import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** An editor may write a file in several steps, and a change of branches many files. */
const SETTLE_MS = 50

/**
 * Says which modules have changed: some file of which they were made was written. Folders are watched, and not files: editors
 * put a new file in the place of the old one, and a file that was missing is written where it was looked for.
 */
export class SourceWatch {
  readonly #onChanged: (module: string) => void
  readonly #filesOf = new Map<string, ReadonlySet<string>>()
  /** Those that could not be built: whatever is written beside their files may mend them. */
  readonly #broken = new Set<string>()
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(onChanged: (module: string) => void) {
    this.#onChanged = onChanged
  }

  /** What a module was made of now. */
  built(module: string, files: readonly string[]): void {
    this.#filesOf.set(module, new Set(files))
    this.#broken.delete(module)
    for (const folder of new Set(files.map((file) => dirname(file)))) this.#watch(folder)
  }

  /** It cannot be built as it is; its files are those of the last time. */
  broken(module: string): void {
    this.#broken.add(module)
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => this.#onEvent(folder, name))
      watcher.on('error', () => this.#watchers.delete(folder))
      this.#watchers.set(folder, watcher)
    } catch {
      // It is gone, or cannot be watched: what is in it is read again by an upgrade, or at the next start of a system.
    }
  }

  #onEvent(folder: string, name: string | null): void {
    for (const [module, files] of this.#filesOf) {
      const isOurs = [...files].some(
        (file) => dirname(file) === folder && (name === null || this.#broken.has(module) || basename(file) === name),
      )
      if (isOurs) this.#changed.add(module)
    }
    if (this.#changed.size === 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tell(), SETTLE_MS)
    this.#timer.unref()
  }

  #tell(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const module of changed) this.#onChanged(module)
  }
}
