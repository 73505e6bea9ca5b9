import { hash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** A larger file is not read at all: one message has to carry its terms, and nobody searches a dump. */
export const FILE_BYTES_MAX = 8 * 1024 * 1024

/** A file to be read: what the index knows it by, and where it is. */
export interface FoundFile {
  /** 64 bits of SHA-1 over `path`, as 16 hexadecimal digits: the same on every machine and in every run. */
  readonly id: string
  /** Relative to the folder, with `/` on every platform. */
  readonly path: string
  readonly bytes: number
}

export const SKIP_REASONS = [
  'binary',
  'too large',
  'unreadable',
  'symlink loop',
  'broken link',
  'link out of the folder',
  'not a file',
  'poison',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

/** Something in the folder that is not in the index, and why. */
export interface Skip {
  readonly path: string
  readonly why: SkipReason
  readonly detail: string
}

export type Sighting = { readonly file: FoundFile } | { readonly skip: Skip }

/** The folder itself cannot be walked. The text is meant for the person who typed its name. */
export class FolderError extends Error {
  override readonly name = 'FolderError'
}

/** The real path of a folder that can be listed. Throws FolderError with one clear line. */
export async function openFolder(folder: string): Promise<string> {
  try {
    const root = await realpath(folder)
    if (!(await stat(root)).isDirectory()) throw new FolderError(`${folder} is a file, not a folder: give the folder that holds it.`)
    await readdir(root)
    return root
  } catch (error) {
    if (error instanceof FolderError) throw error
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FolderError(`${folder} does not exist: there is nothing to index.`)
    if (code === 'ELOOP') throw new FolderError(`${folder} is a symbolic link that leads to itself: there is nothing to index.`)
    throw new FolderError(`${folder} cannot be read (${code}).`)
  }
}

export function fileId(path: string): string {
  return hash('sha1', path, 'hex').slice(0, 16)
}

/**
 * Everything below `root`, in an order that depends on the names alone. Links are never followed: what a link inside
 * the folder points at is walked at its own place, once, so that no arrangement of links can make the walk go round.
 * Nothing here throws for what a folder contains; what cannot be indexed is a skip.
 */
export async function* walk(root: string): AsyncGenerator<Sighting> {
  const seen = new Set<string>()
  const pending: string[] = [root]
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const sighting = path.endsWith(sep) || path === root ? await enter(root, path, seen, pending) : await look(root, path, pending)
    if (sighting !== undefined) yield sighting
  }
}

/** A folder's entries go on the stack in reverse, so that they come off it sorted. Folders carry a separator at the end. */
async function enter(root: string, folder: string, seen: Set<string>, pending: string[]): Promise<Sighting | undefined> {
  let entries: Dirent[]
  try {
    const { dev, ino } = await lstat(folder)
    // The same folder under a second name (a bind mount) would be indexed twice, or for ever.
    if (ino !== 0 && seen.has(`${dev}:${ino}`)) return skip(root, folder, 'symlink loop', 'the same folder was walked under another name')
    seen.add(`${dev}:${ino}`)
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    return skip(root, folder, 'unreadable', codeOf(error))
  }
  entries.sort((a, b) => (a.name < b.name ? 1 : -1))
  for (const entry of entries) pending.push(join(folder, entry.name) + (entry.isDirectory() ? sep : ''))
  return undefined
}

async function look(root: string, path: string, pending: string[]): Promise<Sighting | undefined> {
  try {
    const stats = await lstat(path)
    if (stats.isSymbolicLink()) return await lookThroughLink(root, path)
    // Some file systems do not name the kind in the listing.
    if (stats.isDirectory()) return void pending.push(path + sep)
    if (!stats.isFile()) return skip(root, path, 'not a file', 'a pipe, socket or device')
    if (stats.size > FILE_BYTES_MAX)
      return skip(root, path, 'too large', `${megabytes(stats.size)}, at most ${megabytes(FILE_BYTES_MAX)} are read`)
    const name = nameIn(root, path)
    return { file: { id: fileId(name), path: name, bytes: stats.size } }
  } catch (error) {
    return skip(root, path, 'unreadable', codeOf(error))
  }
}

async function lookThroughLink(root: string, link: string): Promise<Sighting | undefined> {
  let target: string
  try {
    target = await realpath(link)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ELOOP') return skip(root, link, 'symlink loop', 'the link leads to itself')
    return skip(root, link, code === 'ENOENT' ? 'broken link' : 'unreadable', code)
  }
  if (!isWithin(root, target)) return skip(root, link, 'link out of the folder', 'what it points at is not indexed')
  if (isWithin(target, link)) return skip(root, link, 'symlink loop', `it leads back up to ${nameIn(root, target) || 'the folder itself'}`)
  return undefined
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function nameIn(root: string, path: string): string {
  return relative(root, path).split(sep).join('/')
}

function skip(root: string, path: string, why: SkipReason, detail: string): Sighting {
  return { skip: { path: nameIn(root, path) || '.', why, detail } }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`
}

/** `EACCES` and its like; a name for what has none, so that a skip never says "undefined". */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : error instanceof Error ? error.message : String(error)
}
