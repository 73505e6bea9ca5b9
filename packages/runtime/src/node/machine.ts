import { readFileSync } from 'node:fs'

/** What this process may use: a container's limits count, and not what its machine has. */
export interface Machine {
  /** Processors; a quota of one and a half is 1.5. */
  readonly cores: number
  readonly memoryBytes: number
}

const MEMORY_PER_SPARE_BYTES = 512 * 1024 * 1024
const SPARES_DEFAULT_MAX = 4

export function machine(): Machine {
  const { totalmem } = process.getBuiltinModule('node:os')
  return {
    cores: availableCores(),
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY, memoryQuota(readText)),
  }
}

/**
 * Processors that this process may use: those of its machine, if it is not bound to some of them, and no more than the quotas of its
 * control groups allow. A quota of one and a half is 1.5. It is looked up at each call.
 */
export function availableCores(): number {
  // Not imported: isolates load this file too, and each module of Node costs a start up to a millisecond.
  return Math.min(process.getBuiltinModule('node:os').availableParallelism(), processorQuota(readText))
}

/** None in a container of 256 MB: three isolates are a tenth of its memory. */
export function sparesFor({ cores, memoryBytes }: Machine): number {
  return Math.min(Math.ceil(cores), Math.floor(memoryBytes / MEMORY_PER_SPARE_BYTES), SPARES_DEFAULT_MAX)
}

/**
 * Processors by the quota of the control groups that this process is in, each of which may have one; Infinity: none has.
 * `availableParallelism` knows affinity only.
 */
export function processorQuota(read: Read): number {
  const quotas = groupsOf(read).map((path) => {
    const [limit, period] = (read(`/sys/fs/cgroup${path}/cpu.max`) ?? '').trim().split(' ').map(Number)
    return ratio(limit!, period!)
  })
  const [limit, period] = ['quota', 'period'].map((name) => Number(read(`/sys/fs/cgroup/cpu/cpu.cfs_${name}_us`) ?? Number.NaN))
  return Math.min(...quotas, ratio(limit!, period!))
}

/**
 * Bytes by the limits of the same control groups, each of which may have one; Infinity: none has. `process.constrainedMemory`
 * looks at the innermost only.
 */
export function memoryQuota(read: Read): number {
  const quotas = groupsOf(read).map((path) => Number(read(`/sys/fs/cgroup${path}/memory.max`) ?? Number.NaN))
  const ofVersion1 = Number(read('/sys/fs/cgroup/memory/memory.limit_in_bytes') ?? Number.NaN)
  return Math.min(...[...quotas, ofVersion1].filter((bytes) => bytes > 0), Number.POSITIVE_INFINITY)
}

type Read = (file: string) => string | undefined

/** The paths of the control groups that this process is in, the innermost first. In a container its own may be the root. */
function groupsOf(read: Read): string[] {
  const own = /^0::(.*?)\/?$/m.exec(read('/proc/self/cgroup') ?? '')?.[1] ?? ''
  const paths = [own]
  for (let path = own; path !== ''; ) paths.push((path = path.slice(0, path.lastIndexOf('/'))))
  return paths
}

function ratio(limit: number, period: number): number {
  return limit > 0 && period > 0 ? limit / period : Number.POSITIVE_INFINITY
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
