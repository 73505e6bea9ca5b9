// One run of one program: counts its actors, looks after them, verifies what comes out, and ends them.
import { isDeepStrictEqual } from 'node:util'
import { type ActorSystem, describeExit, type SystemEvents } from '@troupe/runtime'
import type { Outcome, Program, SizeName } from './program.ts'

export interface Performance {
  readonly name: string
  /** That were started. */
  readonly actors: number
  readonly messages: number
  readonly ms: number
  /** With the start of the actors, and the computation that the result is verified with. */
  readonly totalMs: number
  readonly isVerified: boolean
}

/** The system may have been used before, and can be used again. */
export async function perform(system: ActorSystem, program: Program, sizeName: SizeName): Promise<Performance> {
  const paths = new Set<string>()
  const offs = [system.events.on('started', ({ path }) => paths.add(path))]
  const broken = new Promise<never>((_, reject) => {
    // A program that has lost a message or an actor would wait for ever.
    const onExit = ({ path, reason }: SystemEvents['exited']): void => {
      if (reason.kind !== 'normal' && reason.kind !== 'shutdown') reject(new Error(`${program.name}: ${path}: ${describeExit(reason)}`))
    }
    offs.push(system.events.on('exited', onExit))
    offs.push(system.events.on('deadLetter', ({ to, method, why }) => reject(new Error(`${program.name}: ${method} to ${to}: ${why}`))))
  })
  try {
    const startedMs = performance.now()
    const outcome = await Promise.race([program.run(system, program.sizes[sizeName]), broken])
    const totalMs = performance.now() - startedMs
    return { name: program.name, actors: paths.size, messages: outcome.messages, ms: outcome.ms, totalMs, isVerified: isVerified(outcome) }
  } finally {
    broken.catch(() => undefined)
    for (const off of offs) off()
    await endAll(system)
  }
}

function isVerified({ result, expected }: Outcome): boolean {
  return isDeepStrictEqual(result, expected)
}

async function endAll(system: ActorSystem): Promise<void> {
  const { children } = await system.tree()
  const user = children.find(({ path }) => path === '/user')
  const refs = await Promise.all((user?.children ?? []).map(({ path }) => system.lookup(path)))
  await Promise.all(refs.map((ref) => ref && system.stopActor(ref)))
}
