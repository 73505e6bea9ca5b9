// One run of one program: counts its actors, looks after them, verifies what comes out, and ends them.
import { isDeepStrictEqual } from 'node:util'
import { type ActorSystem, describeExit } from '@troupe/runtime'
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
  const off = system.events.on('started', ({ path }) => paths.add(path))
  try {
    const startedMs = performance.now()
    const outcome = await unlessBroken(system, program.name, () => program.run(system, program.sizes[sizeName]))
    const totalMs = performance.now() - startedMs
    // An actor may answer before the host has heard that it was started; not after it was ended.
    await endAll(system)
    return { name: program.name, actors: paths.size, messages: outcome.messages, ms: outcome.ms, totalMs, isVerified: isVerified(outcome) }
  } finally {
    off()
    await endAll(system)
  }
}

/** A program that has lost a message or an actor would wait for ever. */
async function unlessBroken<T>(system: ActorSystem, name: string, run: () => Promise<T>): Promise<T> {
  const { promise: broken, reject } = rejectable()
  const offs = [
    system.events.on('exited', ({ path, reason }) => {
      if (reason.kind !== 'normal' && reason.kind !== 'shutdown') reject(new Error(`${name}: ${path}: ${describeExit(reason)}`))
    }),
    system.events.on('deadLetter', ({ to, method, why }) => reject(new Error(`${name}: ${method} to ${to}: ${why}`))),
  ]
  try {
    return await Promise.race([run(), broken])
  } finally {
    for (const off of offs) off()
  }
}

function rejectable(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<never>((_, onReject) => {
    reject = onReject
  })
  return { promise, reject }
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
