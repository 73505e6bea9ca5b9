import { type ActorRef, type ActorSystem, child } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { Recorder } from '../actors/recorder.ts'
import { Scribbler, type Spoil } from '../actors/scribbler.ts'
import { collect, eventually, next, range, startSystem } from './scene.ts'

const CAPACITY = 16 * 1024

interface Stage {
  readonly system: ActorSystem
  readonly recorder: ActorRef<Recorder>
  readonly scribbler: ActorRef<Scribbler>
  readonly bystander: ActorRef<Scribbler>
}

async function stage(messageBytesMax = 1024 * 1024): Promise<Stage> {
  const specs = [
    child(Recorder, { name: 'recorder' }),
    child(Scribbler, { name: 'scribbler' }),
    child(Scribbler, { name: 'bystander' }),
  ] as const
  const system = await startSystem({
    children: [...specs],
    intensity: { restarts: 1_000, withinMs: 60_000 },
    limits: { messageBytesMax },
  })
  return { system, recorder: system.ref(specs[0]), scribbler: system.ref(specs[1]), bystander: system.ref(specs[2]) }
}

const spoils: readonly Spoil[] = [
  ...[0, -8, 9, 0x7fff_fff8, CAPACITY + 8, 8].map((value) => ({ word: 'length', value }) as const),
  ...[-1, CAPACITY, 0x7fff_ffff].map((value) => ({ word: 'payloadBytes', value }) as const),
  ...[-1, 1, 0x7fff_ffff].map((value) => ({ word: 'run', value }) as const),
  ...[-64, -1_024, CAPACITY + 8, 1 << 30].map((moveBy) => ({ word: 'tail', moveBy }) as const),
]

test('inputs 25 and 26, fault 56: an actor that writes nonsense into its lane is named and ended; everyone else goes on', async () => {
  const { system, recorder, scribbler, bystander } = await stage()
  const warnings = collect(system, 'warning')
  const noted: string[] = []
  for (const [round, spoil] of spoils.entries()) {
    const before = warnings.length
    const ended = next(system, 'exited', '/scribbler')
    // What it has sent before is handled: its lane holds nonsense only from there on.
    noted.push(`before ${round}`, `bystander ${round}`)
    await scribbler.ask.note(recorder, `before ${round}`)
    await eventually(async () => expect(await recorder.ask.noted()).toContain(`before ${round}`))
    scribbler.tell.spoil(recorder, spoil)
    await bystander.ask.note(recorder, `bystander ${round}`)
    await eventually(() =>
      expect(
        warnings.slice(before).map(({ text }) => text),
        JSON.stringify(spoil),
      ).toEqual([expect.stringContaining('/recorder dropped the lane of /scribbler')]),
    )
    expect((await ended).reason.kind).toBe('killed')
    await scribbler.ask.note(recorder, `after ${round}`)
    noted.push(`after ${round}`)
  }
  await eventually(async () => expect((await recorder.ask.noted()).sort()).toEqual(noted.sort()))
})

test('input 27: a payload that changes after its commit is read once: the receiver lives, and others are heard', async () => {
  const { system, recorder, scribbler, bystander } = await stage()
  const exits = collect(system, 'exited')
  for (const round of range(100)) {
    scribbler.tell.spoil(recorder, { word: 'payload' })
    expect(await bystander.ask.note(recorder, round)).toBe(true)
  }
  await scribbler.ask.note(recorder, 'last')
  await eventually(async () => expect(await recorder.ask.noted()).toContain('last'))
  const noted = await recorder.ask.noted()
  expect(noted.filter((what) => typeof what === 'number')).toEqual(range(100))
  expect(exits.filter(({ path }) => path !== '/scribbler')).toEqual([])
})

test('input 28: a storm of notifications costs no message, and keeps nobody from being served', async () => {
  const { recorder, scribbler, bystander } = await stage()
  const storm = scribbler.ask({ timeoutMs: 30_000 }).storm(recorder)
  for (const n of range(200)) expect(await bystander.ask.note(recorder, n)).toBe(true)
  expect(await storm).toBeGreaterThan(1_000)
  await eventually(async () => expect((await recorder.ask.noted()).filter((what) => typeof what === 'number')).toEqual(range(200)))
})

test('G1, fault 25: a message above the limit is refused to its sender before a byte is written, and its next one arrives', async () => {
  const { recorder, scribbler } = await stage(64 * 1024)
  expect(await scribbler.ask.overload(recorder, 64 * 1024)).toBe('TROUPE_MESSAGE_TOO_LARGE')
  expect(await scribbler.ask.overload(recorder, 1_000)).toBe(true)
  await eventually(async () => expect(await recorder.ask.noted()).toEqual(['x'.repeat(1_000)]))
})
