import { expect, test } from 'vitest'
import { add, store } from '../../packages/runtime/src/queue/atomics.ts'
import { HEAD_NAMES, NAME_BYTES_MAX, NAME_WORDS, NAMES_MAX } from '../../packages/runtime/src/queue/layout.ts'
import { Names, NO_NAME } from '../../packages/runtime/src/queue/names.ts'
import { newArena } from './rig.ts'

test('D9: a name has one number on every thread', () => {
  const arena = newArena()
  const [here, there] = [new Names(arena), new Names(arena)]
  for (const name of ['add', 'größe', '__proto__', 'constructor', 'a'.repeat(NAME_BYTES_MAX), '🎭', 'toString']) {
    const id = here.idOf(name)
    expect(id).not.toBe(NO_NAME)
    expect(there.nameOf(id)).toBe(name)
    expect(there.idOf(name)).toBe(id)
    expect(here.idOf(name)).toBe(id)
  }
})

test('a name that is too long for a slot has no number, and travels in the message', () => {
  const names = new Names(newArena())
  expect(names.idOf('a'.repeat(NAME_BYTES_MAX + 1))).toBe(NO_NAME)
  expect(names.idOf('ä'.repeat(NAME_BYTES_MAX / 2 + 1))).toBe(NO_NAME)
  expect(names.idOf('b')).not.toBe(NO_NAME)
})

test('a name that another thread could not read back as it was has no number', () => {
  for (const name of ['', '\uFEFFadd', 'a\uD800']) {
    const arena = newArena()
    const id = new Names(arena).idOf(name)
    expect(id === NO_NAME ? name : new Names(arena).nameOf(id)).toBe(name)
  }
})

test('a thread that dies between claim and publication leaves a hole, and nothing else', () => {
  const arena = newArena()
  new Names(arena).idOf('before')
  add(arena.words, HEAD_NAMES, 1)
  const after = new Names(arena).idOf('after')
  const reader = new Names(arena)
  expect(reader.nameOf(2)).toBeUndefined()
  expect(reader.nameOf(after)).toBe('after')
  expect(reader.idOf('before')).toBe(1)
})

test('two threads that intern one name at the same moment give it two numbers, and both are it', () => {
  const arena = newArena()
  const [one, two] = [new Names(arena), new Names(arena)]
  const id = one.idOf('add')
  // What the other had already begun to claim when it looked for the name.
  const late = add(arena.words, HEAD_NAMES, 1) + 1
  new Uint8Array(arena.memory, (arena.layout.namesAt + late * NAME_WORDS + 1) * 4, 3).set(new TextEncoder().encode('add'))
  store(arena.words, arena.layout.namesAt + late * NAME_WORDS, 3)
  expect([two.nameOf(id), two.nameOf(late)]).toEqual(['add', 'add'])
  expect([id, late]).toContain(two.idOf('add'))
})

test('a full table gives no more numbers, and keeps those it gave', () => {
  const arena = newArena()
  const names = new Names(arena)
  const ids = Array.from({ length: NAMES_MAX + 10 }, (_, i) => names.idOf(`method${i}`))
  expect(ids.slice(0, NAMES_MAX - 1)).toEqual(Array.from({ length: NAMES_MAX - 1 }, (_, i) => i + 1))
  expect(new Set(ids.slice(NAMES_MAX - 1))).toEqual(new Set([NO_NAME]))
  const reader = new Names(arena)
  expect(reader.nameOf(NAMES_MAX - 1)).toBe(`method${NAMES_MAX - 2}`)
  expect(reader.idOf('one more')).toBe(NO_NAME)
})

test('a number that nobody gave is no name', () => {
  const names = new Names(newArena())
  for (const id of [0, 1, -1, NAMES_MAX, 0x7fff_ffff, -0x8000_0000]) expect(names.nameOf(id)).toBeUndefined()
})
