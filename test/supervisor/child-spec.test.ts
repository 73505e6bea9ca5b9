import { expect, expectTypeOf, test } from 'vitest'
import type { ActorClass, SpawnArgs } from '../../packages/runtime/src/ref/ref-types.ts'
import { moduleUrl } from '../../packages/runtime/src/supervisor/actor-place.ts'
import { type ChildSpec, child, dynamicSupervisor, supervisor } from '../../packages/runtime/src/supervisor/child-spec.ts'
import { partitionSupervisor } from '../../packages/runtime/src/supervisor/partition-spec.ts'
import { validateSpecs } from '../../packages/runtime/src/supervisor/spec-faults.ts'
import { worker } from './specs.ts'

class Store {
  static readonly module = 'file:///app/store.ts'
  total = 0
}

class Gateway {
  static readonly module: string = '/app/gate way#1.js'
  readonly url: string
  constructor(url: string, retries = 3) {
    this.url = url + retries
  }
}

class Heir extends Store {}

test('G10: sup_start_map: what is not said has OTP’s default', () => {
  expect(child(Store, { name: 'store' })).toEqual({
    kind: 'actor',
    name: 'store',
    place: { module: 'file:///app/store.ts', exportName: 'Store' },
    args: [],
    restart: 'permanent',
    shutdownMs: 5_000,
    significant: false,
    startMs: 30_000,
    onThrow: undefined,
    hangAfterMs: undefined,
    redeliver: 0,
    limits: { heapMb: Number.POSITIVE_INFINITY, externalMb: Number.POSITIVE_INFINITY },
  })
  expect(supervisor({ name: 'top' })).toEqual({
    kind: 'supervisor',
    name: 'top',
    strategy: 'one-for-one',
    intensity: { restarts: 3, withinMs: 5_000 },
    autoShutdown: 'never',
    children: [],
    restart: 'permanent',
    shutdownMs: Number.POSITIVE_INFINITY,
    significant: false,
  })
  expect(dynamicSupervisor({ name: 'many' })).toEqual({
    kind: 'dynamic-supervisor',
    name: 'many',
    intensity: { restarts: 3, withinMs: 5_000 },
    per: 'supervisor',
    maxChildren: Number.POSITIVE_INFINITY,
    restart: 'permanent',
    shutdownMs: Number.POSITIVE_INFINITY,
    significant: false,
  })
})

test('G10: what is said is kept', () => {
  const options = { name: 'gate', args: ['http://x'], restart: 'transient', shutdownMs: 'kill', startMs: 10, onThrow: 'crash' } as const
  expect(child(Gateway, { ...options, args: ['http://x'] })).toMatchObject(options)
})

test('a place is a file: URL, or a path of either kind that becomes one', () => {
  expect(child(Gateway, { name: 'g', args: ['x'] }).place).toEqual({ module: 'file:///app/gate%20way%231.js', exportName: 'Gateway' })
  expect(
    [
      'file:///a/b.ts?v=1',
      '/a/ä%?.js',
      'C:\\a b\\c.js',
      'c:/d.js',
      '\\\\host\\share\\e.js',
      './f.ts',
      'g.ts',
      'node:fs',
      'https://h/i.js',
      '',
      7,
      undefined,
      new URL('file:///j.ts'),
    ].map(moduleUrl),
  ).toEqual([
    'file:///a/b.ts?v=1',
    'file:///a/%C3%A4%25%3F.js',
    'file:///C:/a%20b/c.js',
    'file:///c:/d.js',
    'file://host/share/e.js',
    ...Array.from({ length: 8 }, () => undefined),
  ])
})

test('a handle that is no class has a place too, as long as it is its own', () => {
  const handle = { module: 'file:///lean.ts', name: 'Lean' } as unknown as ActorClass<Store, []>
  expect(child(handle, { name: 'lean' }).place).toEqual({ module: 'file:///lean.ts', exportName: 'Lean' })
})

const badClasses = [
  ['an inherited module', Heir, /^\/a: Heir inherits its module from another class/],
  [
    'no module',
    class Bare {},
    /Bare does not say where an isolate finds it\. Write in Bare itself: static readonly module = import\.meta\.url/,
  ],
  ['a relative module', { module: './x.ts', name: 'X' }, /X\.module is "\.\/x\.ts", and must be a file: URL or an absolute path/],
  ['a module that is no string', { module: 7, name: 'X' }, /X\.module is 7/],
  ['no name', { module: 'file:///x.ts', name: '' }, /the class has no name/],
  ['a name', 'Store', /the first argument is 'Store', and must be an actor class/],
  ['an instance', new Gateway('x'), /this is an instance, made with new\. Pass the class Gateway/],
  ['nothing', undefined, /the first argument is undefined, and must be an actor class/],
] as const

test.each(badClasses)('a class without a place is told with the other faults: %s', (_, actor, fault) => {
  const faults = validateSpecs([child(actor as unknown as ActorClass<Store, []>, { name: 'a', startMs: 0 })])
  expect(faults).toEqual([expect.stringMatching(fault), expect.stringContaining('/a: startMs is 0')])
})

test('unknown options are refused, all of them, with the nearest known name', () => {
  const options = { name: 'a', restrat: 'permanent', shutdownms: 1, colour: 'red' }
  const specs = [child(Store, options as never), supervisor({ name: 's', stratgy: 'one-for-all' } as never)]
  expect(validateSpecs([...specs, dynamicSupervisor({ name: 'd', strategy: 'one-for-all' } as never)])).toEqual([
    "/a: the option 'restrat' is unknown. Did you mean 'restart'?",
    "/a: the option 'shutdownms' is unknown. Did you mean 'shutdownMs'?",
    "/a: the option 'colour' is unknown. Known: name, restart, shutdownMs, significant, backoff, args, startMs, onThrow, hangAfterMs, redeliver, limits, isolate.",
    "/s: the option 'stratgy' is unknown. Did you mean 'strategy'?",
    expect.stringContaining("/d: the option 'strategy' is unknown"),
  ])
})

test('G10: sup_start_map_faulty_specs: every fault of a tree is told, with its path and the cure', () => {
  const tree = [
    supervisor({
      name: 'ledger',
      strategy: 'one-for-al' as never,
      intensity: { restarts: -1, withinMs: Number.POSITIVE_INFINITY },
      children: [
        child(Store, { name: 'store', restart: 'always' as never, shutdownMs: 0 }),
        child(Store, { name: 'store', startMs: Number.NaN, onThrow: 'ignore' as never }),
        child(Store, {} as never),
        child(Store, { name: 'a/b', args: 'x' as never }),
        { kind: 'actr', name: 'odd' } as never,
        7 as never,
        supervisor({ name: 'inner', children: [child(Store, { name: 's', significant: true })] }),
      ],
    }),
    { ...worker('w'), place: { module: 'w.ts', exportName: '' }, colour: 1 } as never,
  ]
  expect(validateSpecs(tree)).toEqual([
    "/ledger: strategy is 'one-for-al', and must be one of 'one-for-one', 'one-for-all', 'rest-for-one'. Did you mean 'one-for-all'?",
    '/ledger: intensity.restarts is -1, and must be a whole number from 0.',
    '/ledger: intensity.withinMs is Infinity, and must be a finite number of milliseconds above 0.',
    "/ledger/store: restart is 'always', and must be one of 'permanent', 'transient', 'temporary'.",
    "/ledger/store: shutdownMs is 0, and must be a number of milliseconds above 0, Infinity (no kill), or 'kill' (at once).",
    '/ledger/store: the name is taken by children[0] of the same supervisor. Choose another.',
    '/ledger/store: startMs is NaN, and must be a finite number of milliseconds above 0.',
    "/ledger/store: onThrow is 'ignore', and must be one of 'reply', 'crash'.",
    '/ledger/children[2]: name is missing. Give { name }: it names the child in paths, and keeps its mailbox through restarts.',
    expect.stringMatching(/^\/ledger\/children\[3\]: name is wrong: "a\/b" is not a name/),
    "/ledger/children[3]: args is 'x', and must be an array: the constructor's arguments.",
    "/ledger/odd: is not a spec: kind is 'actr'. Make one with child(…), supervisor(…) or dynamicSupervisor(…).",
    '/ledger/children[5]: is 7, and not a spec. Make one with child(…), supervisor(…) or dynamicSupervisor(…).',
    "/ledger/inner/s: significant is true, but a permanent child is always restarted. Make it 'transient' or 'temporary'.",
    "/w: place.module is 'w.ts', and must be a file: URL. Let child(…) make the place from the class.",
    "/w: 'colour' is not a field of this kind of spec. Known: name, restart, shutdownMs, significant, backoff, place, args, startMs, onThrow, hangAfterMs, redeliver, limits, isolate.",
  ])
})

test('G10: a backoff doubles its pauses, spreads them by a fifth, and begins anew after the longest, unless it says otherwise', () => {
  const bounds = { firstMs: 3, maxMs: 70 }
  expect(worker('w', { backoff: bounds }).backoff).toEqual({ ...bounds, factor: 2, jitter: 0.2, quietMs: 70 })
  const chosen = { ...bounds, factor: 1.5, jitter: 0, quietMs: 1 }
  expect(worker('w', { backoff: chosen }).backoff).toEqual(chosen)
})

test('G10: the faults of a backoff, and of how keys are spread', () => {
  const backoff = { firstMs: 0, maxMs: Number.NaN, factor: 0.5, jitter: 2, colour: 1 }
  expect(validateSpecs([worker('w', { backoff: backoff as never })])).toEqual([
    '/w: backoff.colour is not a field of a backoff. It has firstMs, maxMs, factor, jitter and quietMs.',
    '/w: backoff.firstMs is 0, and must be a finite number of milliseconds above 0.',
    '/w: backoff.maxMs is NaN, and must be a finite number of milliseconds above 0.',
    '/w: backoff.quietMs is NaN, and must be a finite number of milliseconds above 0.',
    '/w: backoff.factor is 0.5, and must be a number from 1.',
    '/w: backoff.jitter is 2, and must be a number from 0 to 1.',
  ])
  expect(validateSpecs([worker('w', { backoff: { firstMs: 3, maxMs: 2 } })])).toEqual([
    '/w: backoff.firstMs is 3, which is more than maxMs (2).',
  ])
  expect(validateSpecs([worker('w', { backoff: 7 as never })])[0]).toContain('must be { firstMs, maxMs }')
  expect(validateSpecs([supervisor({ name: 's', backoff: { firstMs: 1, maxMs: 2 } })])).toEqual([])
  expect(validateSpecs([{ ...supervisor({ name: 's' }), partitionBy: 'luck' as never }])[0]).toContain("partitionBy is 'luck'")
})

test('making a spec throws nothing, also without any options: what is missing is told with all other faults', () => {
  const missing = 'name is missing. Give { name }: it names the child in paths, and keeps its mailbox through restarts.'
  for (const make of [supervisor, dynamicSupervisor] as ((options?: unknown) => object)[]) {
    expect(validateSpecs([make()])).toEqual([`/children[0]: ${missing}`])
    expect(validateSpecs([make(null)])).toHaveLength(2)
  }
  const partitions = partitionSupervisor as (...args: unknown[]) => object
  expect(validateSpecs([partitions(Gateway)])).toEqual([
    '/children[0]: partitions is undefined, and must be a whole number above 0.',
    `/children[0]: ${missing}`,
  ])
})

test('specs are data: whatever comes instead is refused in words', () => {
  const own = supervisor({ name: 'own', children: [] }) as unknown as { children: unknown[] }
  own.children.push(own)
  expect(validateSpecs([own])).toEqual(['/own/own: contains itself. A spec tree must end somewhere.'])
  expect(validateSpecs('children')).toEqual(["/: children is 'children', and must be an array of specs."])
  expect(validateSpecs([null, [], Object.create(null), () => 1])).toHaveLength(4)
  expect(validateSpecs([{ ...supervisor({ name: 's' }), children: undefined }])).toEqual([
    '/s: children is undefined, and must be an array of specs.',
  ])
  expect(validateSpecs([supervisor({ name: '__proto__' })])).toHaveLength(1)
  expect(validateSpecs([{ kind: '__proto__' }, { kind: 'constructor' }])).toHaveLength(2)
})

test('G10: supervisors take OTP’s flags: intensity 0 and no children are fine, withinMs 0 and broken counts are not', () => {
  const bad = (intensity: unknown) => validateSpecs([supervisor({ name: 's', intensity: intensity as never })]).length
  expect(bad({ restarts: 0, withinMs: 1 })).toBe(0)
  const faults = [
    { restarts: 1.5, withinMs: 1 },
    { restarts: 1, withinMs: 0 },
    { restarts: '1', withinMs: 1 },
    { restarts: 1 },
    3,
    'none',
    { restarts: Number.POSITIVE_INFINITY, withinMs: 1 },
  ]
  expect(faults.map(bad)).toEqual([1, 1, 1, 1, 1, 1, 1])
  expect(bad({ restarts: Number.NaN, withinMs: -1, within: 3 })).toBe(3)
  expect(validateSpecs([dynamicSupervisor({ name: 'd', per: 'each' as never, maxChildren: 0 })])).toHaveLength(2)
})

test('G10: child_specs_map: all combinations; significant needs a restart that ends and a supervisor that heeds it', () => {
  const wrong: string[] = []
  let combinations = 0
  for (const autoShutdown of ['never', 'any-significant', 'all-significant', undefined] as const)
    for (const restart of ['permanent', 'transient', 'temporary', undefined] as const)
      for (const shutdownMs of [1, 5_000, Number.POSITIVE_INFINITY, 'kill', undefined] as const)
        for (const kind of ['actor', 'supervisor', 'dynamic'] as const)
          for (const significant of [true, false, undefined]) {
            combinations++
            const given = withoutUndefined({ name: 'x', restart, shutdownMs, significant })
            const spec = { actor: () => child(Store, given), supervisor: () => supervisor(given), dynamic: () => dynamicSupervisor(given) }[
              kind
            ]()
            const faults = validateSpecs([supervisor(withoutUndefined({ name: 'top', autoShutdown, children: [spec] }))])
            const isBad = significant && ((restart ?? 'permanent') === 'permanent' || (autoShutdown ?? 'never') === 'never')
            if (faults.length !== (isBad ? 1 : 0))
              wrong.push(JSON.stringify([autoShutdown, restart, shutdownMs, kind, significant, faults]))
          }
  expect([combinations, wrong]).toEqual([720, []])
})

test('G10: significant_simple: the children of a dynamic supervisor cannot be significant', () => {
  const spec = worker('a', { restart: 'temporary', significant: true })
  expect(validateSpecs([spec], { path: '/d', autoShutdown: 'never', dynamic: true })).toEqual([
    '/d/a: significant is true, which a dynamic supervisor cannot heed. Use supervisor({ autoShutdown }) for such children.',
  ])
})

test('args are required exactly when the constructor needs them', () => {
  expectTypeOf(child(Store, { name: 'a' })).toEqualTypeOf<ChildSpec<Store>>()
  child(Gateway, { name: 'a', args: ['http://x'] })
  child(Gateway, { name: 'a', args: ['http://x', 2] })
  // @ts-expect-error: the constructor needs a url
  child(Gateway, { name: 'a' })
  // @ts-expect-error: a url is a string
  child(Gateway, { name: 'a', args: [7] })
  // @ts-expect-error: the constructor takes nothing
  child(Store, { name: 'a', args: ['x'] })
  // @ts-expect-error: a child of a static supervisor needs a name
  child(Store, {})
  expectTypeOf<SpawnArgs<[]>['length']>().toEqualTypeOf<0 | 1>()
  expectTypeOf<SpawnArgs<[retries?: number]>['length']>().toEqualTypeOf<0 | 1>()
  expectTypeOf<SpawnArgs<[url: string]>['length']>().toEqualTypeOf<1>()
})

test('a spec knows the type of its actor', () => {
  const store: ChildSpec<Store> = child(Store, { name: 'a' })
  // @ts-expect-error: another actor
  const gateway: ChildSpec<Gateway> = child(Store, { name: 'a' })
  expect(gateway).toEqual(store)
})

function withoutUndefined<T extends object>(options: T) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

test('G7: redeliver is a small whole number, and below the restarts that its supervisor allows', () => {
  const under = (redeliver: number, restarts: number) =>
    validateSpecs([supervisor({ name: 's', intensity: { restarts, withinMs: 1_000 }, children: [worker('w', { redeliver })] })])
  expect([under(0, 0), under(2, 3), under(100, 101)]).toEqual([[], [], []])
  expect(under(3, 3)).toEqual([
    '/s/w: redeliver is 3, and must be below intensity.restarts of its supervisor, which is 3: one message would use all of it up (G7).',
  ])
  for (const wrong of [-1, 0.5, Number.NaN, 101]) expect(under(wrong, 1_000)[0]).toContain('must be a whole number from 0 to 100')
  // An intensity that is wrong itself is the only fault told.
  expect(under(3, -1)).toEqual([expect.stringContaining('intensity.restarts is -1')])
})

test('hangAfterMs is a duration, or Infinity', () => {
  const faults = (hangAfterMs: unknown) => validateSpecs([worker('w', { hangAfterMs: hangAfterMs as number })])
  expect([faults(undefined), faults(1), faults(Number.POSITIVE_INFINITY)]).toEqual([[], [], []])
  for (const wrong of [0, -1, Number.NaN, '5']) expect(faults(wrong)[0]).toContain('hangAfterMs is ')
})

test('limits are MiB, or Infinity; what is not said is not limited', () => {
  const faults = (limits: unknown) => validateSpecs([worker('w', { limits: limits as never })])
  expect([faults({}), faults({ heapMb: 16, externalMb: 0.5 + 0.5 }), faults({ heapMb: Number.POSITIVE_INFINITY })]).toEqual([[], [], []])
  for (const wrong of [0, -1, 15.9, Number.NaN, '64']) expect(faults({ heapMb: wrong })[0]).toContain('/w: limits.heapMb is ')
  expect(faults({ externalMb: 0, heapMB: 64 })).toEqual([
    "/w: limits.heapMB is no limit. Did you mean 'heapMb'?",
    '/w: limits.externalMb is 0, and must be a number of MiB from 1, or Infinity.',
  ])
  expect(faults(64)).toEqual(['/w: limits is 64, and must be { heapMb, externalMb }.'])
})
