import { type ActorRef, AskTimeoutError } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Gate } from '../actors/gate.ts'
import { Recorder } from '../actors/recorder.ts'
import { Scribbler } from '../actors/scribbler.ts'
import { Victim } from '../actors/victim.ts'
import { hex } from '../codec/harness.ts'
import { collect, eventually, range, rejection, startSystem } from './scene.ts'

/** What an actor may put into a record of its own lane, instead of arguments. */
const FORGED: readonly (readonly [what: string, bytes: string])[] = [
  ['1 nothing', ''],
  ['2 the byte that is never used', 'c1'],
  ['3 a string that ends too early', 'a5 61'],
  ['4 bytes left over', '91 02 03'],
  ['5 an array of 2^32−1', 'dd ff ff ff ff'],
  ['6 four arrays of 2^25', 'dd 01 ff ff ff dd 01 ff ff ff dd 01 ff ff ff dd 01 ff ff ff'],
  ['7 a map of 2^32−1', 'df ff ff ff ff'],
  ['8 binary, an extension and a string of 2^32−1', '93 c6 ff ff ff ff c9 ff ff ff ff 42 db ff ff ff ff'],
  ['9 200 arrays in each other, and no end', '91'.repeat(200)],
  ['12 duplicate keys', '91 82 a1 61 01 a1 61'],
  ['13 keys that are an array, a map and NaN', '91 83 90 01 80 02 cb 7f f8 00 00 00 00 00 00 03'],
  ['14 what is not UTF-8', '91 a2 c3 28'],
  ['15 a timestamp with twelve times ff', '91 c7 0c ff ff ff ff ff ff ff ff ff ff ff ff ff'],
  ['15 a pointer to nowhere', '91 d6 70 00 00 00 01'],
  ['15 a RegExp of msgpackr', '91 d4 78 00 92 a6 28 61 2b 29 2b 24 a0'],
]

/** Odd, and has a meaning. */
const READ: readonly (readonly [what: string, bytes: string, value: unknown])[] = [
  ['10 a key __proto__, tagged', '91 d4 54 00 93 07 a9 5f 5f 70 72 6f 74 6f 5f 5f 01', JSON.parse('{"__proto__":1}')],
  ['11 a key then', '91 81 a4 74 68 65 6e 01', { then: 1 }],
  ['16 the largest number of 64 bits', '91 cf ff ff ff ff ff ff ff ff', 2n ** 64n - 1n],
  ['16 −0 as a float', '91 ca 80 00 00 00', -0],
]

test('inputs 1 to 17: bytes that are no message become a DeadLetter; the receiver lives, and reads the next one', async () => {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder, { name: 'recorder' })
  const scribbler = await system.spawn(Scribbler)
  const [letters, exits] = [collect(system, 'deadLetter'), collect(system, 'exited')]
  for (const [what, bytes] of FORGED) {
    await scribbler.ask.forge(recorder, hex(bytes))
    await scribbler.ask.note(recorder, what)
  }
  await eventually(async () => expect(await recorder.ask.noted()).toEqual(FORGED.map(([what]) => what)))
  await eventually(() => expect(letters.map(({ why, to }) => `${to} ${why}`)).toEqual(FORGED.map(() => '/user/recorder unreadable')))
  for (const [, bytes] of READ) await scribbler.ask.forge(recorder, hex(bytes))
  await eventually(async () => expect((await recorder.ask.noted()).slice(FORGED.length)).toEqual(READ.map(([, , value]) => value)))
  expect(exits).toEqual([])
})

test('input 30: nobody answers for another, whatever number it has guessed', async () => {
  const system = await startSystem()
  const [gate, victim, scribbler] = [await system.spawn(Gate), await system.spawn(Victim), await system.spawn(Scribbler)]
  const asked = victim.ask({ timeoutMs: 30_000 }).hold(gate)
  expect(await rejection(scribbler.ask({ timeoutMs: 200 }).usurp())).toBeInstanceOf(AskTimeoutError)
  gate.tell.open()
  expect(await asked).toBe(1)
})

test('input 31: a ref of another system is no address here', async () => {
  const [here, there] = [await startSystem(), await startSystem({ name: 'there' })]
  const [mine, foreign] = [await here.spawn(Recorder), await there.spawn(Recorder)]
  expect(await rejection(mine.ask.note(foreign as unknown as ActorRef<never>))).toMatchObject({ code: 'TROUPE_NOT_SENDABLE' })
  await expect(here.stopActor(foreign)).rejects.toMatchObject({ code: 'TROUPE_INVALID_ARGUMENT' })
  expect(await foreign.ask.noted()).toEqual([])
})

test('inputs 18 to 23: what cannot be sent is refused by name on the real path, and the next message arrives', async () => {
  const system = await startSystem()
  const recorder = await system.spawn(Recorder)
  const detached = new ArrayBuffer(8)
  structuredClone(detached, { transfer: [detached] })
  const deep = range(200_000).reduce<unknown>((inner) => ({ inner }), null)
  const bad: readonly unknown[] = [
    () => 1,
    Symbol('x'),
    new (class Money {})(),
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap')
        },
      },
    ),
    {
      get x(): never {
        throw new Error('getter')
      },
    },
    new SharedArrayBuffer(8),
    new MessageChannel().port1,
    detached,
    deep,
    'x'.repeat(100 * 1024 * 1024),
  ]
  for (const value of bad) {
    expect(() => recorder.tell.note(value)).toThrow(expect.objectContaining({ code: expect.stringMatching(/NOT_SENDABLE|TOO_LARGE/) }))
    // A function in an ask is a callback.
    if (typeof value !== 'function')
      expect(await rejection(recorder.ask.note(value))).toMatchObject({ code: expect.stringMatching(/NOT_SENDABLE|TOO_LARGE/) })
  }
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  const neighbours = Buffer.from('secret-public').subarray(7)
  for (const value of [cyclic, { toJSON: undefined, a: 1 }, neighbours]) await recorder.ask.note(value)
  const [first, , bytes] = (await recorder.ask.noted()) as [{ self: unknown }, unknown, Buffer]
  expect(first.self).toBe(first)
  expect([bytes.toString(), Buffer.from(bytes.buffer).includes('secret')]).toEqual(['public', false])
})
