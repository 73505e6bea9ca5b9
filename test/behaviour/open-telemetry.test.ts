import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ActorRef, traceContext } from '@troupe/runtime'
import { expect, test } from 'vitest'
import { type Exported, exported, within } from '../actors/telemetry.ts'
import { Traced, TracedAtOnce } from '../actors/traced.ts'
import { Unaware } from '../actors/unaware.ts'
import { root } from '../docs/programs.ts'
import { eventually, rejection, startSystem } from './scene.ts'

interface Seen extends Exported {
  /** The thread that has exported it. */
  readonly by: string
}

async function scene(kind = Traced) {
  const system = await startSystem({ context: ['trace'] })
  const actors: Record<string, ActorRef<Traced>> = {}
  for (const name of ['a', 'b', 'c']) actors[name] = await system.spawn(kind, { name })
  const { a, b, c } = actors as Record<'a' | 'b' | 'c', ActorRef<Traced>>
  /** Of all threads, those of one trace. */
  const spansOf = async (id: string): Promise<Seen[]> => {
    const spans: Seen[] = exported().map((span) => ({ ...span, by: 'host' }))
    for (const [by, actor] of Object.entries(actors)) for (const span of await actor.ask.spans()) spans.push({ ...span, by })
    return spans.filter(({ trace }) => trace === id)
  }
  return { system, a, b, c, spansOf }
}

/** One line a span, below its parent's; `outside`: the parent of the first. */
function tree(spans: readonly Seen[], outside?: string, indent = ''): string[] {
  const children = spans.filter(({ parent }) => parent === outside)
  const sorted = children.sort((one, other) => one.name.localeCompare(other.name))
  return sorted.flatMap(({ by, kind, name, id, failed }) => [
    `${indent}${by}: ${kind} ${name}${failed ? ', failed' : ''}`,
    ...tree(spans, id, `${indent}  `),
  ])
}

const ids = (n: number) => `${n.toString(16).padStart(31, '0')}a`

/** What happens in it belongs to the trace of that id, below a span of the caller's, which has another thread's for a parent. */
function inTrace<R>(id: string, call: () => R): R {
  return traceContext.run({ traceparent: `00-${id}-00000000000000ff-01` }, call)
}

test.each([
  ['one at a time', Traced],
  ['eight at work in each', TracedAtOnce],
])(
  'OpenTelemetry: one trace from the host through three isolates, each span below what caused it, for many at once: %s',
  async (_, kind) => {
    const { a, b, c, spansOf } = await scene(kind)
    const traces = Array.from({ length: 12 }, (_, i) => ids(i + kind.name.length * 16))
    await Promise.all(traces.map((id) => inTrace(id, async () => expect(await a.ask.relay([b, c], 1)).toBe(3))))
    for (const id of traces) {
      expect(tree(await spansOf(id), '00000000000000ff')).toEqual([
        'host: PRODUCER ask relay',
        '  a: CONSUMER process relay',
        '    a: PRODUCER ask relay',
        '      b: CONSUMER process relay',
        '        b: PRODUCER ask relay',
        '          c: CONSUMER process relay',
        '            c: INTERNAL work',
        '        b: PRODUCER tell note',
        '          c: CONSUMER process note',
        '    a: PRODUCER tell note',
        '      b: CONSUMER process note',
      ])
    }
  },
)

test('OpenTelemetry: what is sent is below the active span, and a message without a trace begins one', async () => {
  const { a, spansOf } = await scene()
  await within('request', () => a.ask.seen())
  await a.ask.note()
  const request = exported().find(({ name }) => name === 'request')!
  expect(tree(await spansOf(request.trace))).toEqual([
    'host: INTERNAL request',
    '  host: PRODUCER ask seen',
    '    a: CONSUMER process seen',
  ])
  const alone = exported().find(({ name }) => name === 'ask note')!
  expect(tree(await spansOf(alone.trace))).toEqual(['host: PRODUCER ask note', '  a: CONSUMER process note'])
})

test('OpenTelemetry: attributes of both ends; an error is recorded wherever it has gone, and its stack still has its caller', async () => {
  const { a, b, spansOf } = await scene()
  const id = ids(7)
  const error = await rejection(
    inTrace(id, async function whoAsks() {
      await a.ask.failFor(b)
    }),
  )
  expect(error).toBeInstanceOf(RangeError)
  expect(error.stack).toContain('whoAsks')
  const spans = await spansOf(id)
  expect(tree(spans, '00000000000000ff')).toEqual([
    'host: PRODUCER ask failFor, failed',
    '  a: CONSUMER process failFor, failed',
    '    a: PRODUCER ask fail, failed',
    '      b: CONSUMER process fail, failed',
  ])
  for (const { exceptions, attributes } of spans) expect([exceptions, attributes['error.type']]).toEqual([['not so'], 'RangeError'])
  const both = { 'messaging.system': 'troupe', 'messaging.destination.name': '/user/b', 'troupe.method': 'fail' }
  const more = { 'troupe.sender': '/user/a', 'error.type': 'RangeError' }
  const [sent, processed] = ['ask fail', 'process fail'].map((name) => spans.find((span) => span.name === name)!.attributes)
  expect(sent).toEqual({ ...both, ...more, 'messaging.operation.type': 'send', 'messaging.operation.name': 'ask' })
  expect(processed).toEqual({ ...both, ...more, 'messaging.operation.type': 'process', 'messaging.operation.name': 'process' })
})

test('OpenTelemetry: traceContext of a handler is its own span, in both colours; an isolate that makes no spans passes it on', async () => {
  const { system, a, b, spansOf } = await scene()
  const unaware = await system.spawn(Unaware)
  const id = ids(8)
  const seen = [
    await inTrace(id, () => a.ask.relaySync(b)),
    await inTrace(id, () => (unaware as unknown as ActorRef<{ seenBy(other: unknown): string }>).ask.seenBy(b)),
  ]
  const spans = await spansOf(id)
  const processed = spans.filter(({ by, name }) => by === 'b' && name === 'process seen')
  expect(seen).toEqual(processed.map((span) => `00-${id}-${span.id}-01`))
  expect(tree(spans, '00000000000000ff')).toEqual([
    'host: PRODUCER ask relaySync',
    '  a: CONSUMER process relaySync',
    '    a: PRODUCER ask seen',
    '      b: CONSUMER process seen',
    'host: PRODUCER ask seenBy',
    '  b: CONSUMER process seen',
  ])
})

test('OpenTelemetry: the span of a stream’s handler lasts until its end, also when its reader leaves', async () => {
  const { a, spansOf } = await scene()
  const id = ids(9)
  await inTrace(id, async () => {
    for await (const item of a.ask.count(1_000)) if (item === 1) break
  })
  await eventually(async () =>
    expect(tree(await spansOf(id), '00000000000000ff').slice(0, 4)).toEqual([
      'host: PRODUCER ask count',
      '  a: CONSUMER process count',
      '    a: INTERNAL item 0',
      '    a: INTERNAL item 1',
    ]),
  )
})

test('OpenTelemetry: a send that is refused, and one that cannot be encoded, have a failed span', async () => {
  const { system, a } = await scene()
  const id = ids(10)
  await inTrace(id, async () => {
    const anything = a as unknown as ActorRef<{ note(value: unknown): void }>
    expect(() => anything.tell.note(Symbol('no'))).toThrow(/symbol/i)
    await rejection(anything.ask.note(Symbol('no')) as Promise<void>)
    await system.stopActor(a)
    await rejection(a.ask.note() as Promise<void>)
  })
  const spans = exported().filter(({ trace }) => trace === id)
  expect(spans.map(({ name, failed, attributes }) => [name, failed, attributes['error.type']])).toEqual([
    ['tell note', true, 'NotSendableError'],
    ['ask note', true, 'NotSendableError'],
    ['ask note', true, 'ActorStoppedError'],
  ])
})

test('OpenTelemetry: nothing but its own entry loads it', () => {
  const dist = join(root, 'packages/runtime/dist')
  const loads = (file: string) => /\.c?js$/.test(file) && readFileSync(join(dist, file), 'utf8').includes('@opentelemetry/')
  expect(readdirSync(dist).filter(loads)).toEqual(['otel.js'])
})
