import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ActorSystem, type SystemEventName, type SystemEvents, type SystemOptions, type TreeNode } from '@troupe/runtime'
import { onTestFinished, vi } from 'vitest'

/** Ends a test that fails; no test passes because of it. */
const DEADLINE_MS = 30_000

/** Some of the files run twice: with each actor in a thread of its own, and all of them in this one (vitest.config.ts). */
const KIND = process.env['TEST_ISOLATE'] === 'inline' ? 'inline' : 'thread'
export const isInline = KIND === 'inline'

/** A system that is stopped when the test has ended. */
export async function startSystem(options: Partial<SystemOptions> = {}): Promise<ActorSystem> {
  const system = await ActorSystem.start({ name: 'test', isolate: KIND, ...options })
  onTestFinished(() => system.stop({ deadlineMs: 1_000 }))
  return system
}

/** All events of one name from now on. */
export function collect<N extends SystemEventName>(system: ActorSystem, name: N): SystemEvents[N][] {
  const events: SystemEvents[N][] = []
  system.events.on(name, (event) => events.push(event))
  return events
}

/** The next event of that name and path. */
export function next<N extends 'started' | 'exited' | 'terminated' | 'gaveUp'>(
  system: ActorSystem,
  name: N,
  path: string,
): Promise<SystemEvents[N]> {
  return new Promise((resolve) => {
    const off = system.events.on(name, (event) => {
      if (event.path !== path) return
      off()
      resolve(event)
    })
  })
}

/** Tries again until it does not throw. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: DEADLINE_MS, interval: 2 })
}

/** What a promise that must reject rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error as Error
  throw new Error(`it resolved with ${String(outcome.value)}`)
}

/** What a call that must throw throws. */
export function thrown(call: () => unknown): Error {
  try {
    call()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not throw')
}

export function nodeAt(tree: TreeNode, path: string): TreeNode | undefined {
  if (tree.path === path) return tree
  return tree.children.map((child) => nodeAt(child, path)).find((found) => found !== undefined)
}

/** 0, 1, … n − 1 */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i)
}

/** A path for a file of the test's own; the folder is removed when the test has ended. */
export function temporaryFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}
