// Checked by `tsc --noEmit`: what administration and routers give. Nothing here runs.
import {
  Actor,
  type ActorRef,
  type ActorSystem,
  child,
  dynamicSupervisor,
  partitionSupervisor,
  type Router,
  type SupervisorRef,
  supervisor,
} from '@troupe/runtime'
import type { Equal, Is } from './assertions.ts'

declare const system: ActorSystem
declare const admin: SupervisorRef

class Counter extends Actor {
  static readonly module: string = 'file:///counter.ts'
  readonly start: number
  constructor(start: number) {
    super()
    this.start = start
  }
  add(n: number): number {
    return n
  }
  async *watch(): AsyncGenerator<number> {
    yield this.start
  }
}

// A child that is started is a ref to it, a supervisor that is started a SupervisorRef.
const started = await admin.startChild(child(Counter, { name: 'a', args: [1] }))
type _1 = Is<Equal<typeof started, ActorRef<Counter>>>
const inner = await admin.startChild(supervisor({ name: 'inner' }))
type _2 = Is<Equal<typeof inner, SupervisorRef>>
const many = await admin.startChild(dynamicSupervisor({ name: 'many' }))
type _3 = Is<Equal<typeof many, SupervisorRef>>

// A partition supervisor knows what its children are, and its router is called as they are.
const spec = partitionSupervisor(Counter, { name: 'pool', partitions: 4, args: [1] })
const router = await system.router(spec)
type _4 = Is<Equal<typeof router, Router<Counter>>>
type _5 = Is<Equal<ReturnType<typeof router.ask.add>, Promise<number>>>
type _6 = Is<Equal<ReturnType<typeof router.tell.add>, boolean>>
type _7 = Is<Equal<ReturnType<typeof router.broadcast.ask.add>, Promise<PromiseSettledResult<number>[]>>>
type _8 = Is<Equal<ReturnType<typeof router.broadcast.tell.add>, readonly boolean[]>>
const one = router.to('key')
type _9 = Is<Equal<typeof one, ActorRef<Counter>>>
// @ts-expect-error a stream cannot be asked of all at once
router.broadcast.ask.watch()
// @ts-expect-error no such method
router.ask.remove(1)
// @ts-expect-error the constructor's argument is missing
partitionSupervisor(Counter, { name: 'pool', partitions: 4 })
// @ts-expect-error partitions is missing
partitionSupervisor(Counter, { name: 'pool', args: [1] })
// By path, the type is the caller's word.
const byPath = await system.router<Counter>('/pool', { pick: 'least-mailbox' })
type _10 = Is<Equal<typeof byPath, Router<Counter>>>
