import { fileURLToPath } from 'node:url'
import { DEFAULT_LIMITS } from '../base/limits.ts'
import { copyOf } from '../codec/encoded.ts'
import type { BootRecord } from '../isolate/isolate.ts'
import { ReceiveLoop } from '../mailbox/receive-loop.ts'
import { Arena } from '../queue/arena.ts'
import { WANTS_REPLIES } from '../queue/layout.ts'
import { openSeat } from '../queue/seat.ts'
import { Messenger } from '../ref/messenger.ts'
import type { ActorRef } from '../ref/ref-types.ts'
import { REHEARSAL_PATH } from '../ref/taps.ts'
import { nodeClock } from './clock.ts'
import { IsolateMain } from './isolate-main.ts'
import { loadActor, NO_SOURCE } from './loading.ts'
import { type ModulePorts, ThreadModules } from './thread-modules.ts'
import { youngBytesLeft } from './young-space.ts'

/** The actor, `Rehearsal` in the module. */
interface Playing {
  echo(value: unknown): unknown
  fail(): void
}

const ASKER_SEAT = 1
const ACTOR_SEAT = 2
const SEATS = 3
const ARENA_BYTES = 1024 * 1024
const ASKS = 20
const REQUIRES = 5
/** Before Node 24 modules are read in the background, and a thread that ends meanwhile leaves the file open. */
const IMPORTS = Number.parseInt(process.versions.node, 10) >= 24 ? 5 : 0

/**
 * Leads an actor of no consequence through a whole life, in a system of its own that nobody else sees. V8 compiles a
 * function when it is called for the first time, which is half of what a start costs: a spare has it behind it when its
 * actor comes.
 *
 * @param onFirstReply by then what any actor runs until its first reply has run, and little else
 */
export async function rehearse(ports: ModulePorts, runtimeUrl: string, onFirstReply: () => void): Promise<void> {
  const module = new URL('./rehearsal.deferred.cjs', runtimeUrl).href
  const clock = nodeClock()
  const arena = Arena.create(SEATS, ARENA_BYTES)
  const [asker, actor] = [ASKER_SEAT, ACTOR_SEAT].map((seat) => ({ path: REHEARSAL_PATH, seat, generation: openSeat(arena, seat) }))
  const epochMs = clock.nowMs()
  const limits = DEFAULT_LIMITS
  const messenger = new Messenger(
    arena,
    { ...asker!, incarnation: 1 },
    { clock, epochMs, limits, spinMs: 0, onRefused: () => undefined, onCorruptLane: () => undefined, onExpecting: () => loop.schedule() },
  )
  const loop = new ReceiveLoop(
    messenger.parking,
    { nowMs: () => clock.nowMs(), nextTurn: (task) => void setImmediate(task), youngBytesLeft },
    {
      step: () => messenger.stepReplies(),
      wants: () => (messenger.isExpecting ? WANTS_REPLIES : 0),
      isDue: () => true,
      idle: () => messenger.outbox.collect(),
    },
    0,
  )
  const boot: BootRecord = {
    system: 'rehearsal',
    memory: arena.memory,
    epochMs,
    limits,
    spinMs: 0,
    self: actor!,
    // So that it has lanes of a predecessor to look for.
    incarnation: 2,
    url: module,
    source: module,
    starters: [],
    exportName: 'Rehearsal',
    args: copyOf(messenger.codec.encodeArgs([], 'the rehearsal')),
    beside: [],
    onThrow: undefined,
    redelivers: false,
    logLevel: 'silent',
    heapMb: Number.POSITIVE_INFINITY,
    externalMb: Number.POSITIVE_INFINITY,
    handedOver: undefined,
  }
  // Node's own loaders need exercise, too: as new modules each time.
  for (let i = 1; i <= REQUIRES; i++) {
    await loadActor(new ThreadModules(ports), module, NO_SOURCE)
    delete ports.require!.cache[fileURLToPath(module)]
  }
  const modules = new ThreadModules(ports)
  modules.prepare(module, false)
  for (let i = 1; i <= IMPORTS; i++) await ports.import(new URL(`./isolate-api.js?${i}`, runtimeUrl).href)
  const play = async (main: IsolateMain): Promise<void> => {
    await main.run(boot, loadActor(modules, module, NO_SOURCE))
    const ref = messenger.refTo(actor!) as unknown as ActorRef<Playing>
    await ref.ask.echo(0)
    onFirstReply()
    for (let i = 0; i < ASKS; i++) await ref.ask.echo({ id: i, text: 'to be', list: [i] })
    await ref.ask.fail().catch(() => undefined)
    ref.tell.fail()
  }
  // It ends of the error that nobody waits for.
  const openLine = (): never => {
    throw new TypeError('nothing travels beside the messages of a rehearsal')
  }
  await new Promise<void>((resolve) => void play(new IsolateMain(boot, { post: () => undefined, openLine, exit: resolve, modules })))
  // Wakes its own wait, so that this thread is not parked on it when it is ended.
  loop.stop()
}
