import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { IndexService, type IndexSummary } from '../../packages/examples/flagship/index-service.ts'

// Over real isolates. Who never gets an answer here hangs, and is ended by the runner.

const FILES = 300
const never = new AbortController().signal
let folder = ''
/** Complete, without a kill before the first test. */
let service: IndexService
let calm: IndexSummary

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flagship-index-'))
  for (let i = 0; i < FILES; i++) {
    await mkdir(join(folder, `part-${i % 7}`), { recursive: true })
    const words = Array.from({ length: 400 }, (_, j) => `word${(i * 31 + j * 17) % 997}`)
    await writeFile(join(folder, `part-${i % 7}`, `file-${i}.md`), `# File ${i}\n${i === 123 ? 'needle' : 'hay'} ${words.join(' ')}\n`)
  }
  await writeFile(join(folder, 'image.bin'), Buffer.alloc(100))
  service = await IndexService.start({ folder, chaos: true })
  await service.untilComplete(never)
  calm = await service.summary()
})
afterAll(async () => {
  await service.stop()
  await rm(folder, { recursive: true, force: true })
})

async function killAll(kind: string): Promise<void> {
  for (const actor of service.actors) if (actor.kind === kind) await service.system.kill(actor.ref)
}

test('flagship: every text file is found by its words, and what is no text has a reason', async () => {
  expect(calm).toMatchObject({ documents: FILES, checksum: expect.stringMatching(/^[0-9a-f]{16}$/) })
  const { hits, missing } = await service.search('Needle')
  expect(missing).toEqual([])
  expect(hits).toMatchObject([{ path: 'part-4/file-123.md', title: 'File 123', excerpt: { line: 2, marks: [[0, 6]] } }])
  expect(await service.skips()).toMatchObject([{ why: 'binary', count: 1, examples: [{ path: 'image.bin' }] }])
})

test('flagship: a shard that dies when all is done tells the coordinator, and is fed again', async () => {
  await killAll('shard')
  // Nobody asks the coordinator to look again here.
  while ((await service.summary()).documents < FILES) await sleep(10)
  expect(await service.summary()).toEqual(calm)
})

test('flagship: a coordinator that dies finds out from the shards what they hold', async () => {
  await killAll('coordinator')
  await service.untilComplete(never)
  expect(service.progress).toMatchObject({ found: FILES, indexed: FILES, skipped: 1 })
  expect(await service.summary()).toEqual(calm)
})

test('flagship: an index under kills of every actor is the index without kills', async () => {
  const shot = await IndexService.start({ folder, chaos: true })
  try {
    for (let round = 0; round < 3; round++) {
      for (const { ref } of shot.actors) {
        await shot.system.kill(ref)
        // So that the kills fall into different moments of the work, and some into a restart.
        await sleep(20)
      }
    }
    await shot.untilComplete(never)
    expect(shot.restarts).toBeGreaterThanOrEqual(shot.actors.length)
    expect(await shot.summary()).toEqual(calm)
  } finally {
    await shot.stop()
  }
})

test('flagship: bad input: an empty folder is complete and finds nothing', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'flagship-empty-'))
  const idle = await IndexService.start({ folder: empty })
  try {
    await idle.untilComplete(never)
    expect(await idle.summary()).toMatchObject({ documents: 0, checksum: '0000000000000000' })
    expect((await idle.search('anything')).hits).toEqual([])
  } finally {
    await idle.stop()
    await rm(empty, { recursive: true })
  }
})
