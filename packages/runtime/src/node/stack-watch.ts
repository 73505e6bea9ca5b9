import type { Worker } from 'node:worker_threads'
import type { StackWatch } from '../isolate/isolate.ts'
import { sourcePlace } from './source-place.ts'

/** What Node ≥ 24.8 adds; this project's types are older. */
interface ProfiledWorker extends Worker {
  startCpuProfile?(): Promise<{ stop(): Promise<string> }>
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples?: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number; readonly columnNumber: number }
  readonly children?: readonly number[]
}

const FRAMES_MAX = 8

/** A CPU profile of a worker: it answers also while the worker is in a loop, or in a wait, and names the function it is in. */
export function watchStack(worker: Worker): StackWatch | undefined {
  const profiled = worker as ProfiledWorker
  if (profiled.startCpuProfile === undefined) return undefined
  const started = profiled.startCpuProfile()
  // A worker in native code does not answer; one that ends meanwhile rejects.
  started.catch(() => undefined)
  return {
    topFrames: async () => {
      try {
        return topFrames(JSON.parse(await (await started).stop()) as Profile)
      } catch {
        return []
      }
    },
  }
}

/** The stack in which most samples were taken, innermost first: `name (url:line:column)`, by lines of the sources. */
export function topFrames({ nodes, samples = [] }: Profile): string[] {
  const counts = new Map<number, number>()
  for (const id of samples) counts.set(id, (counts.get(id) ?? 0) + 1)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const [hottest] = [...counts].filter(([id]) => isCode(byId.get(id))).sort((a, b) => b[1] - a[1])
  const frames: string[] = []
  for (let id = hottest?.[0]; id !== undefined && frames.length < FRAMES_MAX; id = parents.get(id)) {
    const node = byId.get(id)
    if (isHandlersCaller(node)) break
    if (isCode(node)) frames.push(shown(node))
  }
  return frames
}

/**
 * Cell (actor/cell.ts), which calls the handler: whatever is above it is the runtime's and no news. As the innermost it says only that V8 does not
 * know of the handler, which it has optimised.
 */
function isHandlersCaller(node: ProfileNode | undefined): boolean {
  return node?.callFrame.functionName === '#apply' && /[\\/]isolate-runtime\.cjs$/.test(node.callFrame.url)
}

/** `(root)`, `(idle)`, `(program)` and `(garbage collector)` are states, and no functions. */
function isCode(node: ProfileNode | undefined): node is ProfileNode {
  return node !== undefined && !node.callFrame.functionName.startsWith('(')
}

function shown({ callFrame: { functionName, url, lineNumber, columnNumber } }: ProfileNode): string {
  return `${functionName || '(anonymous)'} (${sourcePlace(url, lineNumber + 1, columnNumber + 1)})`
}
