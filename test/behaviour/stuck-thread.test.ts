import { spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { expect, test } from 'vitest'
import { temporaryFile } from './scene.ts'
import { runScript } from './script.ts'

/** Undefined where the machine has no named pipes. */
function temporaryPipe(): string | undefined {
  const path = temporaryFile('pipe')
  return spawnSync('mkfifo', [path]).status === 0 ? path : undefined
}

test('D7: a thread that is stuck in native code is told of, harms nobody, and does not keep the system from stopping', async (context) => {
  const path = temporaryPipe()
  if (path === undefined) return context.skip('there is no mkfifo here: nothing else gets a thread stuck so reliably')
  // Its writer comes when the system has stopped: the thread can end then, and with it the process.
  const { code, output } = await runScript('stuck.mjs', [path], [], () => void openSync(path, 'w'))
  expect(JSON.parse(output)).toEqual({ warnings: [expect.stringContaining('/user/stuck does not end')], others: 'fine' })
  expect(code).toBe(0)
})
