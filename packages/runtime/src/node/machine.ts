import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'

/** What this process may use: a container's limits count, and not what its machine has. */
export interface Machine {
  /** Processors; a quota of one and a half is 1.5. */
  readonly cores: number
  readonly memoryBytes: number
}

const MEMORY_PER_SPARE_BYTES = 512 * 1024 * 1024
const SPARES_DEFAULT_MAX = 4

export function machine(): Machine {
  return {
    cores: Math.min(availableParallelism(), processorQuota(readText)),
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  }
}

/** None in a container of 256 MB: three isolates are a tenth of its memory. */
export function sparesFor({ cores, memoryBytes }: Machine): number {
  return Math.min(Math.ceil(cores), Math.floor(memoryBytes / MEMORY_PER_SPARE_BYTES), SPARES_DEFAULT_MAX)
}

/**
 * Processors by the quota of the control groups that this process is in, each of which may have one; Infinity: none has.
 * `availableParallelism` knows affinity only.
 */
export function processorQuota(read: (file: string) => string | undefined): number {
  const own = /^0::(.*?)\/?$/m.exec(read('/proc/self/cgroup') ?? '')?.[1] ?? ''
  let quota = Number.POSITIVE_INFINITY
  // Inside a container the path may be the one that the machine knows: then its own group is at the root.
  for (let path = own; ; path = path.slice(0, path.lastIndexOf('/'))) {
    const [limit, period] = (read(`/sys/fs/cgroup${path}/cpu.max`) ?? '').trim().split(' ').map(Number)
    if (limit! > 0 && period! > 0) quota = Math.min(quota, limit! / period!)
    if (path === '') break
  }
  const [limit, period] = ['quota', 'period'].map((name) => Number(read(`/sys/fs/cgroup/cpu/cpu.cfs_${name}_us`) ?? Number.NaN))
  return limit! > 0 && period! > 0 ? Math.min(quota, limit! / period!) : quota
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
