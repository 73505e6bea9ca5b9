import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { largeBuffer } from '../../packages/runtime/src/codec/large-buffers.ts'
import { litterPiece, noteReceived } from '../../packages/runtime/src/codec/young-garbage.ts'
import { youngBytesLeft } from '../../packages/runtime/src/node/young-space.ts'

const MEGABYTE = 1024 * 1024
const CYCLE = 8 * MEGABYTE
const PIECE = 128 * 1024
const MINOR = 1

function litterAll(left: () => number): number {
  let pieces = 0
  while (litterPiece(left)) pieces++
  return pieces
}

test('garbage is due once for each 8 MB of large binaries, and asks for the young space only then', () => {
  let asked = 0
  const left = (): number => ++asked && MEGABYTE
  litterAll(left)
  asked = 0
  for (let bytes = MEGABYTE; bytes < CYCLE; bytes += MEGABYTE) {
    largeBuffer(MEGABYTE)
    expect(litterAll(left)).toBe(0)
  }
  expect(asked).toBe(0)
  largeBuffer(MEGABYTE)
  // As much as there is room for, and a little more.
  expect(litterAll(left)).toBe(MEGABYTE / PIECE + 1)
  expect(asked).toBe(1)
})

test('no more than half of what came: a large young space waits for more binaries', () => {
  const left = (): number => 16 * MEGABYTE
  noteReceived(CYCLE)
  expect(litterAll(left)).toBe(0)
  noteReceived(32 * MEGABYTE - CYCLE - 1)
  expect(litterAll(left)).toBe(0)
  noteReceived(1)
  expect(litterAll(left)).toBe((16 * MEGABYTE) / PIECE + 1)
})

test('it makes V8 collect its young space, with the first cycle', async () => {
  const kinds: number[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) kinds.push((entry as unknown as { detail: { kind: number } }).detail.kind)
  })
  observer.observe({ entryTypes: ['gc'] })
  try {
    await sleep(1)
    kinds.length = 0
    // Enough for the largest young space.
    noteReceived(128 * MEGABYTE)
    expect(litterAll(youngBytesLeft)).toBeGreaterThan(0)
    await vi.waitFor(() => expect(kinds).toContain(MINOR))
  } finally {
    observer.disconnect()
  }
})
