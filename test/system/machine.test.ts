import { expect, test } from 'vitest'
import { processorQuota, sparesFor } from '../../packages/runtime/src/node/machine.ts'

const MIB = 1024 * 1024

function quota(files: Record<string, string>): number {
  return processorQuota((file) => files[file])
}

test('machine: the processor quota of control groups, of both versions, the smallest of the path', () => {
  expect(quota({})).toBe(Number.POSITIVE_INFINITY)
  expect(quota({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' })).toBe(Number.POSITIVE_INFINITY)
  expect(quota({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' })).toBe(1.5)
  const nested = {
    '/proc/self/cgroup': '0::/a/b\n',
    '/sys/fs/cgroup/a/b/cpu.max': '300000 100000',
    '/sys/fs/cgroup/a/cpu.max': '50000 100000',
  }
  expect(quota(nested)).toBe(0.5)
  expect(quota({ '/proc/self/cgroup': '0::/not/seen/here\n', '/sys/fs/cgroup/cpu.max': '200000 100000' })).toBe(2)
  expect(quota({ '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '25000\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' })).toBe(0.25)
  expect(quota({ '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' })).toBe(
    Number.POSITIVE_INFINITY,
  )
})

test.for([
  [8, 256, 0],
  [8, 511, 0],
  [8, 512, 1],
  [0.5, 4_096, 1],
  [1.5, 4_096, 2],
  [2, 1_024, 2],
  [64, 65_536, 4],
] as const)('machine: %d processors and %d MiB are %d spares', ([cores, mebibytes, spares]) => {
  expect(sparesFor({ cores, memoryBytes: mebibytes * MIB })).toBe(spares)
})
