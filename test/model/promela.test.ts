import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const model = fileURLToPath(new URL('../models/parking.pml', import.meta.url))
const missing = ['spin', 'gcc'].filter((tool) => spawnSync(tool, [tool === 'spin' ? '-V' : '--version']).status !== 0)
if (missing.length > 0) console.log(`SKIPPED: the Promela model of parking, because this machine has no ${missing.join(' and no ')}`)

/** Searches the whole model for a schedule, fair to each process, in which somebody sleeps over work for ever. */
function check(...defines: string[]): string {
  const cwd = mkdtempSync(join(tmpdir(), 'troupe-spin-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  const run = (command: string, args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
    expect(status, `${command}: ${stdout}${stderr}`).toBe(0)
    return stdout
  }
  run('spin', [...defines, '-a', model])
  run('gcc', ['-O1', '-DNFAIR=4', '-o', 'pan', 'pan.c'])
  return run('./pan', ['-a', '-f', '-m100000'])
}

test.skipIf(missing.length > 0)('G4: no wake-up is lost, if every thread gets its turn (Promela)', () => {
  const said = check()
  console.log(/^.*states, stored.*$/m.exec(said)?.[0])
  expect(said).toMatch(/errors: 0/)
  expect(said).not.toMatch(/max search depth too small/)
})

test.skipIf(missing.length > 0)('a planted bug is caught: the sleeper does not look again for work (Promela)', () => {
  expect(check('-DLOOKS_AGAIN=0')).toMatch(/errors: [1-9]/)
})
