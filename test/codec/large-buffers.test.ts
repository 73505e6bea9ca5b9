import { expect, test } from 'vitest'
import { largeBuffer, prepareLargeBuffer } from '../../packages/runtime/src/codec/large-buffers.ts'

const MEGABYTE = 1024 * 1024

function prepareAll(): number {
  let pieces = 0
  while (prepareLargeBuffer()) pieces++
  return pieces
}

test('memory is handed out once, however often a buffer of that length is made ready', () => {
  const given = new Set<ArrayBufferLike>()
  for (let i = 0; i < 20; i++) {
    const buffer = largeBuffer(MEGABYTE)
    expect([buffer.length, buffer.byteOffset, buffer.buffer.byteLength]).toEqual([MEGABYTE, 0, MEGABYTE])
    expect(given.has(buffer.buffer)).toBe(false)
    given.add(buffer.buffer)
    // At times whole, at times in part, at times not at all.
    for (let piece = 0; piece < i % 12; piece++) prepareLargeBuffer()
  }
  prepareAll()
})

test('only after two of a length is the next made ready, in pieces, once', () => {
  largeBuffer(2 * MEGABYTE)
  expect(prepareAll()).toBe(0)
  largeBuffer(2 * MEGABYTE)
  expect(prepareAll()).toBe(16)
  expect(prepareAll()).toBe(0)
})

test('another length gets a buffer of its own, and ends what was made ready', () => {
  largeBuffer(MEGABYTE)
  largeBuffer(MEGABYTE)
  prepareLargeBuffer()
  expect(largeBuffer(MEGABYTE + 1).length).toBe(MEGABYTE + 1)
  expect(prepareAll()).toBe(0)
})

test('small and very large ones are never made ready', () => {
  for (const length of [1024, 5 * MEGABYTE]) {
    largeBuffer(length)
    expect(largeBuffer(length).length).toBe(length)
    expect(prepareAll()).toBe(0)
  }
})
