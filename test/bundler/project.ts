import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ActorClass } from '@troupe/runtime'
import { onTestFinished } from 'vitest'

/** A folder with these files, by their paths; it is removed when the test has ended. */
export interface Project {
  readonly folder: string
  path(file: string): string
  write(files: Readonly<Record<string, string>>): void
  /** What `actorsIn` gives for one of its modules. */
  actor<A = Record<string, () => unknown>>(file: string, name: string): ActorClass<A, []>
}

export function project(files: Readonly<Record<string, string>>): Project {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-project-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const made: Project = {
    folder,
    path: (file) => join(folder, file),
    write: (all) => {
      for (const [file, text] of Object.entries(all)) {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), text)
      }
    },
    actor: <A>(file: string, name: string) => ({ module: pathToFileURL(join(folder, file)).href, name }) as unknown as ActorClass<A, []>,
  }
  made.write({ 'package.json': '{ "type": "module" }', ...files })
  return made
}

/** The files of a package in `node_modules`. */
export function packaged(name: string, manifest: object, files: Readonly<Record<string, string>>): Record<string, string> {
  const folder = `node_modules/${name}`
  return {
    [`${folder}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...manifest }),
    ...Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text])),
  }
}
