import { childPath } from '../base/address.ts'
import { describeExit } from '../base/exit-reason.ts'
import type { TreeNode } from '../isolate/requests.ts'
import type { Arena } from '../queue/arena.ts'
import { mailboxDepth } from '../queue/mailbox-depth.ts'
import type { Names } from '../queue/names.ts'
import { methodIn, shownProgress } from '../queue/seat.ts'
import type { ChildStatus } from '../supervisor/decision-shapes.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { ActorLife } from './actor-life.ts'

/** The live tree, read from supervisors and shared memory: it answers while actors are wedged. */
export function treeOf(
  system: string,
  arena: Arena,
  names: Names,
  supervisors: ReadonlyMap<string, Supervisor>,
  lives: ReadonlyMap<string, ActorLife>,
  nowMs: number,
): TreeNode {
  const childrenOf = (path: string): TreeNode[] => {
    const children = supervisors.get(path)?.whichChildren() ?? []
    return children.map((status) => nodeOf(childPath(path, status.name), status)).reverse()
  }
  const nodeOf = (path: string, status: ChildStatus): TreeNode => {
    const life = lives.get(path)
    return {
      path,
      name: status.name,
      kind: status.kind === 'actor' ? 'actor' : 'supervisor',
      state: status.phase,
      mailboxDepth: life === undefined ? 0 : mailboxDepth(arena, life.address.seat),
      // What the dead one was at still stands in its seat.
      method: life?.isReady !== true ? undefined : names.nameOf(methodIn(shownProgress(arena, life.address.seat))),
      restarts: status.restarts,
      restartInMs: msUntil(status.waitUntilMs, nowMs),
      lastExit: status.lastExit === undefined ? undefined : describeExit(status.lastExit),
      children: childrenOf(path),
    }
  }
  return {
    path: '/',
    name: system,
    kind: 'supervisor',
    state: 'running',
    mailboxDepth: 0,
    method: undefined,
    restarts: 0,
    restartInMs: undefined,
    lastExit: undefined,
    children: childrenOf('/'),
  }
}

/** How long somebody still waits. */
export function msUntil(atMs: number | undefined, nowMs: number): number | undefined {
  return atMs === undefined ? undefined : Math.max(0, Math.ceil(atMs - nowMs))
}
