import { expect, test } from 'vitest'
import { InvalidSpecError, StartFailedError } from '../../packages/runtime/src/base/errors.ts'
import type { Supervisor } from '../../packages/runtime/src/supervisor/supervisor.ts'
import { dynamic, over, worker } from './specs.ts'
import { quiet, Stage } from './stage.ts'
import { CRASH, KILLED, NORMAL, SHUTDOWN } from './world.ts'

const OK = { ok: true }
const HOUR = 3_600_000

async function started(stage: Stage, spec: Parameters<Stage['supervise']>[0]): Promise<Supervisor> {
  const supervisor = stage.supervise(spec)
  await supervisor.start()
  return supervisor
}

const phases = (supervisor: Supervisor) => supervisor.whichChildren().map(({ name, phase }) => `${name} ${phase}`)
const names = (stage: Stage, kind: string) => stage.reports.filter((report) => report.kind === kind).map(({ path }) => path)

test('G10: start resolves when the last child is ready, each having been started after the former', async () => {
  const stage = new Stage()
  stage.autoReady = false
  const supervisor = stage.supervise(over([worker('a'), worker('b')]))
  let ready = false
  const start = supervisor.start().then(() => (ready = true))
  await quiet()
  expect([stage.startedNames, phases(supervisor)]).toEqual([['a'], ['b stopped', 'a starting']])
  stage.child('a').ready()
  await quiet()
  expect([stage.startedNames, ready]).toEqual([['a', 'b'], false])
  stage.child('b').ready()
  await start
  expect(phases(supervisor)).toEqual(['b running', 'a running'])
})

test('G10: start rejects with the reason and the path of the child that failed, after the others were stopped', async () => {
  const stage = new Stage()
  stage.autoReady = false
  const supervisor = stage.supervise(over([worker('a'), worker('b'), worker('c')]))
  const start = supervisor.start()
  await quiet()
  stage.child('a').ready()
  await quiet()
  stage.child('b').fail({ kind: 'startFailed', stage: 'constructor', error: new TypeError('no port') })
  await expect(start).rejects.toMatchObject({ kind: 'startFailed', stage: 'constructor' })
  const reason = await supervisor.ended
  expect('error' in reason && reason.error).toBeInstanceOf(StartFailedError)
  expect('error' in reason && String(reason.error)).toMatch(
    /^StartFailedError: \/top\/b did not start: its constructor failed: TypeError: no port \(\S+supervisor\.test\.ts:\d+:\d+\)$/,
  )
  expect([stage.startedNames, stage.child('a').asked]).toEqual([['a', 'b'], [SHUTDOWN]])
})

test('G10: a start that fails deep below keeps the path of the child that failed', async () => {
  const stage = new Stage()
  stage.autoReady = false
  const supervisor = stage.supervise(over([over([worker('deep')], { name: 'inner' })]))
  const start = supervisor.start()
  await quiet()
  stage.child('deep').fail({ kind: 'startFailed', stage: 'load', error: new Error('gone') })
  await expect(start).rejects.toMatchObject({ error: { message: expect.stringContaining('/top/inner/deep did not start') } })
})

test('G10: whatever a start throws or rejects with is a start that failed', async () => {
  const stage = new Stage()
  stage.startChild = () => {
    throw new Error('out of threads')
  }
  await expect(stage.supervise(over([worker('a')])).start()).rejects.toMatchObject({ kind: 'startFailed', stage: 'isolate' })
})

test('G10: a crash restarts the child with its address, and the report says so before the start', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a')]))
  stage.child('a').end(CRASH)
  await quiet()
  expect(stage.starts.map(({ attempt }) => attempt)).toEqual(['initial', 'restart'])
  expect(stage.reports).toEqual([
    { kind: 'started', name: 'a', attempt: 'initial', restarts: 0, path: '/top/a', supervisor: '/top' },
    { kind: 'exited', name: 'a', reason: CRASH, fate: 'restarts', restartsLeft: 99, path: '/top/a', supervisor: '/top' },
    { kind: 'started', name: 'a', attempt: 'restart', restarts: 1, path: '/top/a', supervisor: '/top' },
  ])
  expect(supervisor.whichChildren()).toEqual([
    { name: 'a', kind: 'actor', phase: 'running', restarts: 1, lastExit: CRASH, waitUntilMs: undefined },
  ])
  await supervisor.stop()
})

test('G10: the root names its children without its own path', async () => {
  const stage = new Stage('/')
  await (await started(stage, over([worker('a')]))).stop()
  expect(names(stage, 'stopped')).toEqual(['/a'])
})

test('G10: a child that ends as soon as it is ready is one that was started', async () => {
  const stage = new Stage()
  stage.autoReady = false
  const supervisor = stage.supervise(over([worker('a', { restart: 'transient' })]))
  const start = supervisor.start()
  await quiet()
  stage.child('a').end(NORMAL)
  stage.child('a').ready()
  await start
  await quiet()
  expect([phases(supervisor), supervisor.countChildren()]).toEqual([['a stopped'], { specs: 1, active: 0, supervisors: 0, workers: 1 }])
})

test('G10: a failed restart is tried again on a later turn only; 4 per hour are exactly 4 tries', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a'), worker('b')], { intensity: { restarts: 4, withinMs: HOUR } }))
  stage.autoReady = false
  stage.child('a').end(CRASH)
  for (let tries = 1; tries <= 4; tries++) {
    await quiet()
    expect([stage.starts.length, stage.posted.length]).toEqual([2 + tries, 0])
    stage.child('a').fail({ kind: 'startFailed', stage: 'onStart', error: 'no' })
    await quiet()
    expect([stage.starts.length, stage.posted.length, phases(supervisor)[1]]).toEqual([2 + tries, 1, 'a restarting'])
    await stage.turn()
  }
  expect([stage.starts.length, await supervisor.ended]).toEqual([6, SHUTDOWN])
  expect([names(stage, 'gaveUp'), stage.child('b').asked, stage.posted]).toEqual([['/top/a'], [SHUTDOWN], []])
})

test('G10: an idle supervisor holds nothing and posts nothing', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a')]))
  await stage.turn()
  expect([stage.posted, stage.starts.length]).toEqual([[], 1])
  await supervisor.stop()
  await stage.turn()
  expect(stage.posted).toEqual([])
})

test.for(['static', 'dynamic'] as const)(
  'G10: backoff: a %s supervisor that ends leaves no timer of a child that waits, and forgets those that are over',
  async (kind) => {
    const stage = new Stage()
    const waits = worker('a', { backoff: { firstMs: HOUR, maxMs: HOUR } })
    const supervisor = await started(stage, kind === 'static' ? over([waits]) : dynamic())
    if (kind === 'dynamic') await supervisor.startChild(waits)
    for (const pauses of [1, 2]) {
      stage.child('a').end(CRASH)
      await quiet()
      expect([phases(supervisor), stage.timers.size]).toEqual([['a restarting'], 1])
      if (pauses === 1) await stage.pass(HOUR)
    }
    expect(await supervisor.stop()).toEqual(SHUTDOWN)
    expect([stage.timers.size, stage.starts.length]).toEqual([0, 2])
  },
)

test('G10: stop ends the children one after the other in reverse order, resolves at their real death, and twice is once', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a'), worker('b')]))
  stage.child('b').onStop = () => stage.child('b').ended
  const stops = [supervisor.stop(), supervisor.stop()]
  await quiet()
  expect([stage.child('b').asked, stage.child('a').asked]).toEqual([[SHUTDOWN], []])
  expect(phases(supervisor)).toEqual(['b stopping', 'a running'])
  stage.child('b').end(SHUTDOWN)
  expect(await Promise.all(stops)).toEqual([SHUTDOWN, SHUTDOWN])
  expect([stage.child('a').asked, stage.child('b').asked]).toEqual([[SHUTDOWN], [SHUTDOWN]])
  expect(await supervisor.stop()).toEqual(SHUTDOWN)
})

test('G10: stop while it starts cancels the start under way, and start rejects', async () => {
  const stage = new Stage()
  stage.autoReady = false
  const supervisor = stage.supervise(over([worker('a'), worker('b')]))
  const start = supervisor.start()
  await quiet()
  const stop = supervisor.stop()
  expect(stage.child('a').cancelled.aborted).toBe(true)
  stage.child('a').ready()
  await expect(start).rejects.toEqual(SHUTDOWN)
  expect([await stop, stage.child('a').asked, stage.startedNames]).toEqual([SHUTDOWN, [SHUTDOWN], ['a']])
})

test('G10: stop while a supervisor below starts reaches the child that is being started there', async () => {
  const stage = new Stage()
  stage.autoReady = false
  const supervisor = stage.supervise(over([over([worker('deep')], { name: 'inner' })]))
  const start = supervisor.start()
  await quiet()
  const stop = supervisor.stop()
  await quiet()
  expect(stage.child('deep').cancelled.aborted).toBe(true)
  stage.child('deep').fail({ kind: 'startFailed', stage: 'timeout', error: 'cancelled' })
  await expect(start).rejects.toEqual(SHUTDOWN)
  expect(await stop).toEqual(SHUTDOWN)
})

test('G10: stop before start: it never starts, and whoever starts it is told', async () => {
  const stage = new Stage()
  const supervisor = stage.supervise(over([worker('a')]))
  expect(await supervisor.stop()).toEqual(SHUTDOWN)
  await expect(supervisor.start()).rejects.toEqual(SHUTDOWN)
  expect(stage.starts).toEqual([])
})

test('G10: kill reaches all children at once, also after a friendly stop', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a'), worker('b')]))
  stage.child('b').onStop = (reason) => {
    if (reason.kind === 'killed') stage.child('b').end(KILLED)
    return stage.child('b').ended
  }
  const stop = supervisor.stop()
  expect(await supervisor.stop(KILLED)).toEqual(KILLED)
  expect([await stop, stage.child('b').asked, stage.child('a').asked]).toEqual([KILLED, [SHUTDOWN, KILLED], [KILLED]])
})

test("G10: a supervisor with shutdownMs: 'kill' kills its children", async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a')], { shutdownMs: 'kill' }))
  expect([await supervisor.stop(), stage.child('a').asked]).toEqual([KILLED, [KILLED]])
})

test('G10: child_unlink: a child whose end is only told by stop cannot hang its supervisor; one whose stop fails has ended', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a'), worker('b')]))
  stage.child('b').onStop = async () => SHUTDOWN
  stage.child('a').onStop = async () => {
    throw new Error('no such thread')
  }
  expect(await supervisor.stop()).toEqual(SHUTDOWN)
  expect(stage.reports.filter(({ kind }) => kind === 'stopped')).toMatchObject([
    { name: 'b', expected: true },
    { name: 'a', expected: false, reason: { kind: 'error' } },
  ])
})

test('G10: sup_stop_race: a child that crashes while others are stopped is not restarted', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a'), worker('b')]))
  stage.child('b').onStop = () => stage.child('b').ended
  const stop = supervisor.stop()
  stage.child('a').end(CRASH)
  await quiet()
  stage.child('b').end(SHUTDOWN)
  await stop
  expect([stage.startedNames, stage.child('a').asked]).toEqual([['a', 'b'], []])
})

test.each([
  ['permanent', ['initial', 'restart'], ['a running']],
  ['transient', ['initial'], ['inner stopped']],
  ['temporary', ['initial'], []],
] as const)(
  'G10: a supervisor that gave up ends with shutdown; its parent restarts it if it is permanent (%s)',
  async (restart, attempts, left) => {
    const stage = new Stage()
    const inner = over([worker('a')], { name: 'inner', intensity: { restarts: 0, withinMs: HOUR }, restart })
    const supervisor = await started(stage, over([inner]))
    stage.child('a').end(CRASH)
    await quiet()
    expect(stage.nested.map(({ attempt }) => attempt)).toEqual(attempts)
    const last = stage.nested.at(-1)!.supervisor
    expect(restart === 'permanent' ? phases(last) : phases(supervisor)).toEqual(left)
    expect(
      stage.reports.filter(({ path }) => path === '/top/inner/a').map((report) => ('fate' in report ? report.fate : report.kind)),
    ).toEqual(['started', 'parent-decides', 'gaveUp', ...(restart === 'permanent' ? ['started'] : [])])
    const fate = { permanent: 'restarts', transient: 'ended', temporary: 'ended' }[restart]
    expect(stage.reports).toContainEqual({
      kind: 'exited',
      name: 'inner',
      reason: SHUTDOWN,
      fate,
      restartsLeft: restart === 'permanent' ? 99 : 100,
      path: '/top/inner',
      supervisor: '/top',
    })
    expect(stage.starts.at(-1)?.attempt).toBe(attempts.at(-1))
    await supervisor.stop()
  },
)

test('G10: a listener that throws keeps nothing from being done, and its error is thrown on its own turn', async () => {
  const stage = new Stage()
  stage.onReport = () => {
    throw new Error('a bug in a listener')
  }
  const supervisor = await started(stage, over([worker('a')]))
  stage.child('a').end(CRASH)
  await quiet()
  expect(phases(supervisor)).toEqual(['a running'])
  expect(stage.posted).toHaveLength(3)
  expect(stage.posted[0]).toThrow('a bug in a listener')
})

test('G10: a listener may stop the supervisor from inside a report', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a'), worker('b')]))
  stage.onReport = ({ kind }) => {
    if (kind === 'exited') void supervisor.stop()
  }
  stage.autoReady = false
  stage.child('b').end(CRASH)
  await quiet()
  expect(stage.child('b').cancelled.aborted).toBe(true)
  stage.child('b').fail({ kind: 'startFailed', stage: 'timeout', error: 'cancelled' })
  expect([await supervisor.ended, stage.child('a').asked]).toEqual([SHUTDOWN, [SHUTDOWN]])
})

test('G10: requests are answered with OTP’s results, and refused without effect when the spec has faults', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a')]))
  const bad = { ...worker('b'), restart: 'always', significant: true } as never
  await expect(supervisor.startChild(bad)).rejects.toThrow(InvalidSpecError)
  expect(stage.startedNames).toEqual(['a'])
  expect(await supervisor.startChild(worker('b'))).toEqual(OK)
  expect(await supervisor.startChild(worker('b'))).toEqual({ ok: false, why: 'alreadyStarted' })
  expect([await supervisor.terminateChild('b'), stage.child('b').asked]).toEqual([OK, [SHUTDOWN]])
  expect([await supervisor.restartChild('b'), stage.child('b').attempt]).toEqual([OK, 'initial'])
  expect(await supervisor.deleteChild('b')).toEqual({ ok: false, why: 'running' })
  expect([await supervisor.terminateChild('b'), await supervisor.deleteChild('b')]).toEqual([OK, OK])
  await supervisor.stop()
  expect(await supervisor.terminateChild('a')).toEqual({ ok: false, why: 'supervisorStopped' })
})

test('G10: start_child of a child that does not start tells why', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([]))
  stage.autoReady = false
  const request = supervisor.startChild(worker('a'))
  await quiet()
  stage.child('a').fail({ kind: 'startFailed', stage: 'onStart', error: new Error('no') })
  expect(await request).toMatchObject({ ok: false, why: 'startFailed', reason: { kind: 'startFailed', stage: 'onStart' } })
  expect(supervisor.countChildren()).toEqual({ specs: 0, active: 0, supervisors: 0, workers: 0 })
})

test('G10: a dynamic supervisor starts side by side, restarts each for itself, and stops side by side', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, dynamic({ per: 'child', intensity: { restarts: 1, withinMs: HOUR }, maxChildren: 2 }))
  stage.autoReady = false
  const requests = [supervisor.startChild(worker('a')), supervisor.startChild(worker('b')), supervisor.startChild(worker('c'))]
  await quiet()
  expect(stage.startedNames).toEqual(['a', 'b'])
  stage.child('b').ready()
  stage.child('a').ready()
  expect(await Promise.all(requests)).toEqual([OK, OK, { ok: false, why: 'maxChildren' }])
  stage.autoReady = true
  stage.child('a').end(CRASH)
  await quiet()
  stage.child('a').end(CRASH)
  await quiet()
  expect([phases(supervisor), names(stage, 'gaveUp')]).toEqual([['b running'], ['/top/a']])
  await supervisor.startChild(worker('d'))
  stage.child('b').onStop = () => stage.child('b').ended
  const stop = supervisor.stop()
  expect([stage.child('b').asked, stage.child('d').asked]).toEqual([[SHUTDOWN], [SHUTDOWN]])
  stage.child('b').end(KILLED)
  expect(await stop).toEqual(SHUTDOWN)
})

test('G10: the faults of a child added to a dynamic supervisor are told before anything starts', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, dynamic())
  await expect(supervisor.startChild(worker('a', { restart: 'transient', significant: true }))).rejects.toThrow(
    '/top/a: significant is true',
  )
  expect(stage.starts).toEqual([])
})

test('G10: in a group restart the children are really gone before the first is started again', async () => {
  const stage = new Stage()
  const supervisor = await started(stage, over([worker('a'), worker('b')], { strategy: 'one-for-all' }))
  stage.child('b').onStop = () => stage.child('b').ended
  stage.child('a').end(CRASH)
  await quiet()
  expect(stage.startedNames).toEqual(['a', 'b'])
  stage.child('b').end(KILLED)
  await quiet()
  expect([stage.startedNames, phases(supervisor)]).toEqual([
    ['a', 'b', 'a', 'b'],
    ['b running', 'a running'],
  ])
  expect(stage.reports.find(({ kind }) => kind === 'stopped')).toMatchObject({
    name: 'b',
    reason: KILLED,
    expected: false,
    fate: 'restarts',
  })
})
