import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LeasePool } from '@troupe/actors'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Clerk } from '../actors/clerk.ts'
import { eventually, startSystem } from '../behaviour/scene.ts'

// A real server, where the machine has one. PostgreSQL refuses to run as root: then it is run as the user of that name.

const IS_ROOT = process.getuid?.() === 0
const HAS_SERVER =
  ['initdb', 'pg_ctl'].every((command) => spawnSync(command, ['--version']).status === 0) &&
  (!IS_ROOT || spawnSync('runuser', ['-u', 'postgres', '--', 'true']).status === 0)
const run = (command: string, args: readonly string[]) =>
  IS_ROOT
    ? execFileSync('runuser', ['-u', 'postgres', '--', command, ...args], { stdio: 'ignore' })
    : execFileSync(command, args, { stdio: 'ignore' })

const port = 20_000 + (process.pid % 20_000)
let folder = ''

beforeAll(() => {
  if (!HAS_SERVER) return
  folder = mkdtempSync(join(tmpdir(), 'troupe-pg-'))
  if (IS_ROOT) execFileSync('chown', ['postgres', folder])
  run('initdb', ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync'])
  const options = `-p ${port} -k ${folder} -c listen_addresses='' -c fsync=off -c max_connections=20`
  run('pg_ctl', ['-D', join(folder, 'data'), '-w', '-l', join(folder, 'log'), '-o', options, 'start'])
})

afterAll(() => {
  if (folder === '') return
  run('pg_ctl', ['-D', join(folder, 'data'), '-m', 'immediate', 'stop'])
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(!HAS_SERVER)(
  'leases: one limit for the connections of all isolates to PostgreSQL (skipped without initdb and pg_ctl)',
  async () => {
    const admin = new pg.Client({ host: folder, port, user: 'postgres', database: 'postgres' })
    await admin.connect()
    try {
      await admin.query('create table entry (amount integer)')
      const system = await startSystem()
      const pool = await system.spawn(LeasePool, { name: 'pg', args: [{ size: 3 }] })
      const clerks = await Promise.all(
        [0, 1, 2, 3].map((i) => system.spawn(Clerk, { name: `clerk${i}`, restart: 'permanent', args: [pool, folder, port] })),
      )
      const seen = await Promise.all(Array.from({ length: 40 }, (_, i) => clerks[i % 4]!.ask({ timeoutMs: 30_000 }).transfer(i)))
      // The administrator's own is one of them; the server knows of a closed connection a little later.
      expect(Math.max(...seen)).toBeLessThanOrEqual(3 + 1 + 3)
      expect((await admin.query('select count(*)::int as n from entry')).rows).toEqual([{ n: 40 }])

      for (const clerk of clerks.slice(0, 3)) await clerk.ask({ timeoutMs: 30_000 }).hold()
      const waiting = clerks[3]!.ask({ timeoutMs: 30_000 }).transfer(1)
      await eventually(async () => expect(await pool.ask.stats()).toMatchObject({ held: 3, waiting: 1 }))
      await system.kill(clerks[0]!)
      await waiting
      await eventually(async () => {
        const { rows } = await admin.query('select count(*)::int as n from pg_stat_activity where backend_type = $1', ['client backend'])
        expect(rows[0].n).toBeLessThanOrEqual(3 + 1)
      })
    } finally {
      await admin.end()
    }
  },
)
