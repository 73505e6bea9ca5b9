import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Guest } from '../../packages/actors/src/guest-book.ts'
import { type Slot, SlotBook, type Waiter } from '../../packages/actors/src/lease/slot-book.ts'

const guest = (id: number): Guest => ({ id, path: `/user/g${id}`, incarnation: 1, bell: undefined })

function newBook(size: number) {
  const granted: Waiter[] = []
  const recalled: Slot[] = []
  let now = 0
  const book = new SlotBook(size, {
    granted: (waiter) => granted.push(waiter),
    recall: (_, slot) => recalled.push(slot),
    nowMs: () => now++,
  })
  return { book, granted, recalled }
}

test('leases: who waits is served in the order of coming, and asking again changes nothing', () => {
  const { book, granted } = newBook(1)
  const [a, b, c] = [guest(1), guest(2), guest(3)]
  expect(book.borrow({ guest: a, ticket: 1 })?.index).toBe(0)
  expect(book.borrow({ guest: a, ticket: 1 })?.index).toBe(0)
  for (const each of [b, c, b]) expect(book.borrow({ guest: each, ticket: 1 })).toBeUndefined()
  book.giveBack({ guest: a, ticket: 1 }, true)
  expect(granted).toEqual([{ guest: b, ticket: 1 }])
  book.giveBack({ guest: b, ticket: 1 }, true)
  expect(granted.at(-1)!.guest).toBe(c)
})

test('leases: an idle resource goes to who is where it lies; another isolate gets its place when it was destroyed', () => {
  const { book, granted, recalled } = newBook(1)
  const [a, b] = [guest(1), guest(2)]
  book.borrow({ guest: a, ticket: 1 })
  book.giveBack({ guest: a, ticket: 1 }, false)
  expect(book.borrow({ guest: a, ticket: 2 })?.index).toBe(0)
  book.giveBack({ guest: a, ticket: 2 }, false)
  expect(book.borrow({ guest: b, ticket: 1 })).toBeUndefined()
  expect(recalled.map(({ index }) => index)).toEqual([0])
  // Until then it is nobody's: it would be one too many.
  expect(book.borrow({ guest: a, ticket: 3 })).toBeUndefined()
  expect(granted).toEqual([])
  book.vacated(a, 0)
  expect(granted).toEqual([{ guest: b, ticket: 1 }])
})

test('leases: after a restart only claims are heard, and two cannot claim the same', () => {
  const { book, granted } = newBook(2)
  const [a, b, c] = [guest(1), guest(2), guest(3)]
  book.isOpen = false
  expect(book.borrow({ guest: c, ticket: 1 })).toBeUndefined()
  expect(book.claim({ guest: a, ticket: 7 }, a, 0)).toBe(true)
  expect(book.claim(undefined, b, 0)).toBe(false)
  expect(book.claim(undefined, b, 9)).toBe(false)
  book.isOpen = true
  book.serve()
  expect(granted).toEqual([{ guest: c, ticket: 1 }])
  expect(book.held).toBe(2)
})

/** What may happen, with small numbers for who and what. */
const step = fc.record({ what: fc.constantFrom('borrow', 'giveBack', 'break', 'die', 'vacate'), who: fc.nat(3), ticket: fc.nat(3) })

test('leases: whatever happens, no resource is one too many, no slot has two holders, and nobody waits while one is free', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 80 }), (size, steps) => {
      const { book, recalled } = newBook(size)
      let next = 10
      const guests = Array.from({ length: 4 }, () => guest(next++))
      for (const { what, who, ticket } of steps) {
        const waiter = { guest: guests[who]!, ticket }
        if (what === 'borrow') book.borrow(waiter)
        else if (what === 'giveBack' || what === 'break') book.giveBack(waiter, what === 'break')
        else if (what === 'die') {
          book.left(waiter.guest)
          guests[who] = guest(next++)
        } else for (const { home, index } of recalled.splice(0)) if (home !== undefined) book.vacated(home, index)
        const held = book.slots.filter(({ holder }) => holder !== undefined)
        expect(held.length).toBe(book.held)
        expect(new Set(held.map(({ holder }) => `${holder!.guest.id}:${holder!.ticket}`)).size).toBe(held.length)
        for (const { holder, home } of held) expect(home).toBe(holder!.guest)
        const isFree = book.slots.some(({ holder, home }) => holder === undefined && home === undefined)
        if (book.waiting > 0) expect(isFree).toBe(false)
        for (const slot of book.slots) if (slot.home !== undefined) expect(guests).toContain(slot.home)
      }
      // Everybody gives back, and every recall is followed: then nobody waits.
      for (let round = 0; round < 40; round++) {
        for (const { home, index } of recalled.splice(0)) if (home !== undefined) book.vacated(home, index)
        for (const { holder } of book.slots) if (holder !== undefined) book.giveBack(holder, false)
      }
      expect(book.waiting).toBe(0)
    }),
    { numRuns: 500 },
  )
})

test('leases: giving up what was not used leaves a slot as it was', () => {
  const { book, granted } = newBook(1)
  const [a, b] = [guest(1), guest(2)]
  book.borrow({ guest: a, ticket: 1 })
  book.giveUp({ guest: a, ticket: 1 })
  expect(book.slots[0]).toMatchObject({ holder: undefined, home: undefined })
  book.borrow({ guest: a, ticket: 2 })
  book.giveBack({ guest: a, ticket: 2 }, false)
  book.borrow({ guest: a, ticket: 3 })
  book.giveUp({ guest: a, ticket: 3 })
  expect(book.slots[0]).toMatchObject({ holder: undefined, home: a })
  expect(book.borrow({ guest: b, ticket: 1 })).toBeUndefined()
  book.giveUp({ guest: b, ticket: 1 })
  expect([book.waiting, granted]).toEqual([0, []])
})
