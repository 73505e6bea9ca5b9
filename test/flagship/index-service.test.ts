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
let calm: IndexSummary

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flagship-index-'))
  for (let i = 0; i < FILES; i++) {
    await mkdir(join(folder, `part-${i % 7}`), { recursive: true })
    const words = Array.from({ length: 400 }, (_, j) => `word${(i * 31 + j * 17) % 997}`)
    await writeFile(join(folder, `part-${i % 7}`, `file-${i}.md`), `# File ${i}\n${i === 123 ? 'needle' : 'hay'} ${words.join(' ')}\n`)
  }
  await writeFile(join(folder, 'image.bin'), Buffer.alloc(100))
  calm = await withService(async (service) => await service.summary())
})
afterAll(async () => await rm(folder, { recursive: true, force: true }))

async function withService<T>(work: (service: IndexService) => Promise<T>, untilComplete = true): Promise<T> {
  const service = await IndexService.start({ folder, chaos: true })
  try {
    if (untilComplete) await service.untilComplete(never)
    return await work(service)
  } finally {
    await service.stop()
  }
}

async function killAll(service: IndexService, kind: string): Promise<void> {
  for (const actor of service.actors) if (actor.kind === kind) await service.system.kill(actor.ref)
}

test('flagship: every text file is found by its words, and what is no text has a reason', async () => {
  await withService(async (service) => {
    expect(calm).toMatchObject({ documents: FILES, checksum: expect.stringMatching(/^[0-9a-f]{16}$/) })
    const { hits, missing } = await service.search('Needle')
    expect(missing).toEqual([])
    expect(hits).toMatchObject([{ path: 'part-4/file-123.md', title: 'File 123', excerpt: { line: 2, marks: [[0, 6]] } }])
    expect(await service.skips()).toMatchObject([{ why: 'binary', count: 1, examples: [{ path: 'image.bin' }] }])
  })
})

test('flagship: G4: an index under kills of every actor is the index without kills', async () => {
  await withService(async (service) => {
    for (let round = 0; round < 3; round++) {
      for (const { ref } of service.actors) {
        await service.system.kill(ref)
        // So that the kills fall into different moments of the work.
        await sleep(20)
      }
    }
    await service.untilComplete(never)
    expect(service.restarts).toBeGreaterThanOrEqual(27)
    expect(await service.summary()).toEqual(calm)
  }, false)
})

test('flagship: a shard that dies when all is done tells the coordinator, and is fed again', async () => {
  await withService(async (service) => {
    await killAll(service, 'shard')
    // Nobody asks the coordinator to look again here.
    while ((await service.summary()).documents < FILES) await sleep(10)
    expect(await service.summary()).toEqual(calm)
  })
})

test('flagship: a coordinator that dies finds out from the shards what they hold', async () => {
  await withService(async (service) => {
    await killAll(service, 'coordinator')
    await service.untilComplete(never)
    expect(service.progress).toMatchObject({ found: FILES, indexed: FILES, skipped: 1 })
    expect(await service.summary()).toEqual(calm)
  })
})

test('flagship: bad input: an empty folder is complete and finds nothing', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'flagship-empty-'))
  const service = await IndexService.start({ folder: empty })
  try {
    await service.untilComplete(never)
    expect(await service.summary()).toMatchObject({ documents: 0, checksum: '0000000000000000' })
    expect((await service.search('anything')).hits).toEqual([])
  } finally {
    await service.stop()
    await rm(empty, { recursive: true })
  }
})
