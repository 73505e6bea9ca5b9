import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, FILE_BYTES_MAX, type FoundFile, type Skip, type SkipReason } from './scan.ts'

/** How much of a file decides whether it is text: git looks at as much. */
const HEAD_BYTES = 8 * 1024

export type ReadText = { readonly text: string } | { readonly skip: Skip }

// Between the walk and now the file may have become a link or a pipe. Neither may be followed, nor waited for: a thread
// that sleeps in open() cannot even be killed. Windows has neither flag.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * The file as text, or why it is none. Never throws for what the file is.
 * `openFile` is there so that a test can refuse it: an administrator may open every file.
 */
export async function readText(root: string, file: FoundFile, openFile: typeof open = open): Promise<ReadText> {
  let handle: FileHandle | undefined
  try {
    handle = await openFile(join(root, file.path), FLAGS)
    return await readOpened(handle, file)
  } catch (error) {
    return skip(file, 'unreadable', codeOf(error))
  } finally {
    await handle?.close()
  }
}

async function readOpened(handle: FileHandle, file: FoundFile): Promise<ReadText> {
  const stats = await handle.stat()
  if (!stats.isFile()) return skip(file, 'not a file', 'it was replaced since it was found')
  if (stats.size > FILE_BYTES_MAX) return skip(file, 'too large', 'it has grown since it was found')
  const bytes = Buffer.allocUnsafe(stats.size)
  const head = await fill(handle, bytes, 0, Math.min(HEAD_BYTES, stats.size))
  if (bytes.subarray(0, head).includes(0)) return skip(file, 'binary', 'it has a zero byte near its start')
  const end = await fill(handle, bytes, head, stats.size)
  return { text: bytes.toString('utf8', bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0, end) }
}

/** One read may return less than asked for. Returns where the bytes end: before `to` when the file was cut meanwhile. */
async function fill(handle: FileHandle, bytes: Buffer, from: number, to: number): Promise<number> {
  let end = from
  while (end < to) {
    const { bytesRead } = await handle.read(bytes, end, to - end, end)
    if (bytesRead === 0) break
    end += bytesRead
  }
  return end
}

function skip(file: FoundFile, why: SkipReason, detail: string): ReadText {
  return { skip: { path: file.path, why, detail } }
}
