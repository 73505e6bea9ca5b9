import { chmod, mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readText } from '../../packages/examples/flagship/read-text.ts'
import { FILE_BYTES_MAX, type FoundFile, fileId, openFolder, type Skip, walk } from '../../packages/examples/flagship/scan.ts'

let root = ''

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'flagship-scan-')))
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function write(path: string, content: string | Uint8Array = path): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true })
  await writeFile(join(root, path), content)
}

async function scan(folder = root): Promise<{ files: FoundFile[]; skips: Skip[] }> {
  const files: FoundFile[] = []
  const skips: Skip[] = []
  for await (const sighting of walk(folder)) {
    if ('file' in sighting) files.push(sighting.file)
    else skips.push(sighting.skip)
  }
  return { files, skips }
}

function refuse(code: string): () => Promise<never> {
  return async () => {
    throw Object.assign(new Error(code), { code })
  }
}

const file = (path: string): FoundFile => ({ id: fileId(path), path, bytes: 0 })

test('flagship: a walk finds every file once, sorted, with the same ids each time', async () => {
  for (const path of ['b/z.md', 'a.txt', 'b/a/deep.js', 'c.md', 'B.md', '.hidden/x']) await write(path)
  const { files, skips } = await scan()
  expect(files.map(({ path }) => path)).toEqual(['.hidden/x', 'B.md', 'a.txt', 'b/a/deep.js', 'b/z.md', 'c.md'])
  expect(skips).toEqual([])
  expect(await scan()).toEqual({ files, skips })
  expect(files[2]).toEqual({ id: fileId('a.txt'), path: 'a.txt', bytes: 5 })
  expect(fileId('a.txt')).toMatch(/^[0-9a-f]{16}$/)
})

test('flagship: bad input: a folder that is missing, is a file, or leads to itself has one clear line', async () => {
  await write('file.txt')
  await symlink('loop', join(root, 'loop'))
  await expect(openFolder(join(root, 'nowhere'))).rejects.toThrow('nowhere does not exist: there is nothing to index.')
  await expect(openFolder(join(root, 'file.txt', 'below'))).rejects.toThrow('below does not exist')
  await expect(openFolder(join(root, 'file.txt'))).rejects.toThrow('file.txt is a file, not a folder')
  await expect(openFolder(join(root, 'loop'))).rejects.toThrow('leads to itself')
  expect(await openFolder(root)).toBe(root)
})

test('flagship: bad input: an empty folder has no files and no skips; one that went away is a skip', async () => {
  expect(await scan()).toEqual({ files: [], skips: [] })
  expect(await scan(join(root, 'gone'))).toEqual({ files: [], skips: [{ path: '.', why: 'unreadable', detail: 'ENOENT' }] })
})

test('flagship: bad input: links never make the walk go round, and what they point at inside is found once', async () => {
  await write('packages/real/index.js')
  await mkdir(join(root, 'links'))
  await symlink('../packages/real', join(root, 'links/inside'))
  await symlink('../packages/real/index.js', join(root, 'links/inside.js'))
  await symlink('..', join(root, 'links/up'))
  await symlink('.', join(root, 'links/self'))
  await symlink('ring-b', join(root, 'links/ring-a'))
  await symlink('ring-a', join(root, 'links/ring-b'))
  await symlink('nothing', join(root, 'links/broken'))
  await symlink(tmpdir(), join(root, 'links/outside'))
  const { files, skips } = await scan()
  expect(files.map(({ path }) => path)).toEqual(['packages/real/index.js'])
  expect(skips.map(({ path, why }) => `${path}: ${why}`)).toEqual([
    'links/broken: broken link',
    'links/outside: link out of the folder',
    'links/ring-a: symlink loop',
    'links/ring-b: symlink loop',
    'links/self: symlink loop',
    'links/up: symlink loop',
  ])
})

test('flagship: bad input: a file of 200 MB is skipped and not read', async () => {
  await write('huge.log', 'x')
  // Without content on the disk; the walk only asks for its size.
  await truncate(join(root, 'huge.log'), 200 * 1024 * 1024)
  expect(await scan()).toEqual({ files: [], skips: [{ path: 'huge.log', why: 'too large', detail: '200 MB, at most 8.0 MB are read' }] })
  expect(await readText(root, file('huge.log'))).toMatchObject({ skip: { why: 'too large' } })
})

test('flagship: a file of exactly the limit is read', async () => {
  await write('limit.txt', 'x'.repeat(FILE_BYTES_MAX))
  expect((await scan()).files).toHaveLength(1)
  expect(await readText(root, file('limit.txt'))).toMatchObject({ text: expect.stringMatching(/^x+$/) })
})

test('flagship: bad input: a zero byte in the first 8 KB makes a file binary, one behind does not', async () => {
  await write('image.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]))
  await write('late.txt', `${'x'.repeat(8 * 1024)}\0`)
  expect(await readText(root, file('image.png'))).toMatchObject({ skip: { path: 'image.png', why: 'binary' } })
  expect(await readText(root, file('late.txt'))).toMatchObject({ text: expect.stringContaining('x\0') })
})

test('flagship: bad input: a file that cannot be opened is a skip with the code', async () => {
  await write('secret.txt')
  expect(await readText(root, file('secret.txt'), refuse('EACCES'))).toEqual({
    skip: { path: 'secret.txt', why: 'unreadable', detail: 'EACCES' },
  })
  expect(await readText(root, file('gone.txt'))).toMatchObject({ skip: { why: 'unreadable', detail: 'ENOENT' } })
})

test('flagship: bad input: a folder without permission is a skip, and its neighbours are found', async () => {
  await write('closed/a.txt')
  await write('open/b.txt')
  await chmod(join(root, 'closed'), 0o000)
  const { files, skips } = await scan()
  await chmod(join(root, 'closed'), 0o700)
  // An administrator may list every folder; then there is nothing to skip.
  const isAdministrator = process.getuid?.() === 0 || process.platform === 'win32'
  expect(files.map(({ path }) => path)).toEqual(isAdministrator ? ['closed/a.txt', 'open/b.txt'] : ['open/b.txt'])
  expect(skips).toEqual(isAdministrator ? [] : [{ path: 'closed', why: 'unreadable', detail: 'EACCES' }])
})

test('flagship: bad input: a file that became a link or a folder since it was found is not followed', async () => {
  await write('real.txt')
  await symlink('real.txt', join(root, 'swapped.txt'))
  await mkdir(join(root, 'folder.txt'))
  expect(await readText(root, file('swapped.txt'))).toMatchObject({ skip: { why: 'unreadable', detail: 'ELOOP' } })
  expect(await readText(root, file('folder.txt'))).toMatchObject({ skip: { why: 'not a file' } })
})

test('flagship: bytes that are not UTF-8, a byte order mark and an empty file are text', async () => {
  await write('latin.txt', Buffer.from([0x63, 0x61, 0x66, 0xe9]))
  await write('mark.txt', Buffer.from([0xef, 0xbb, 0xbf, 0x61]))
  await write('empty.txt', '')
  expect(await readText(root, file('latin.txt'))).toEqual({ text: 'caf\uFFFD' })
  expect(await readText(root, file('mark.txt'))).toEqual({ text: 'a' })
  expect(await readText(root, file('empty.txt'))).toEqual({ text: '' })
})
