export {
  CircuitOpenError,
  ExecutorRefusedError,
  LeaseTimeoutError,
  LoadError,
  NoTransitionError,
  NotPortableError,
  ParError,
  TaskCancelledError,
} from './errors.ts'
export { Batcher, type BatcherOptions } from './flow/batcher.ts'
export { CircuitBreaker, type CircuitOptions, type CircuitState } from './flow/circuit-breaker.ts'
export { Debouncer, type DebouncerOptions } from './flow/debouncer.ts'
export { Pipeline, type PipelineOptions, PipelineSpec, pipelineOf, type StageOptions } from './flow/pipeline.ts'
export { type Job, type JobState, Scheduler } from './flow/scheduler.ts'
export { Sharded, type ShardedOptions, shardsOf } from './flow/sharded.ts'
export { Shards } from './flow/shards.ts'
export { type MachineOptions, StateMachine, type StateSpec } from './flow/state-machine.ts'
export { type Published, type SubscribeOptions, Subscription, Topic, type WhenSlow } from './flow/topic.ts'
export { type ActorLease, ActorLeases } from './lease/actor-leases.ts'
export { ActorPool, type ActorPoolOptions, poolOf } from './lease/actor-pool.ts'
export type { Resource } from './lease/idle-resources.ts'
export { LeasePool, type LeasePoolOptions, type PoolStats } from './lease/lease-pool.ts'
export { type BorrowOptions, type Lease, Leases } from './lease/leases.ts'
export { Semaphore } from './lease/semaphore.ts'
export type { Home } from './parallel/crew.ts'
export { Executor, type ExecutorOptions } from './parallel/executor.ts'
export type { Items, NumberArray } from './parallel/item-source.ts'
export { type Par, type ParOptions, par } from './parallel/par.ts'
export { type FunctionsIn, functionsIn, type ModuleFunction, type Portable } from './parallel/portable-function.ts'
export { type Range, range } from './parallel/range.ts'
export type { Task } from './parallel/task.ts'
export { type Answer, type Gathered, type GatherOptions, gather, type Missing, Scatter } from './scatter.ts'
export { Barrier } from './shared/barrier.ts'
export { Cache, type CacheOptions, type CacheStats } from './shared/cache.ts'
export { CacheView, type CacheViewOptions, type GetOptions } from './shared/cache-view.ts'
export { Counter } from './shared/counter.ts'
export { MapView } from './shared/map-view.ts'
export { type RateLimit, RateLimiter } from './shared/rate-limiter.ts'
export { Rates } from './shared/rates.ts'
export { SharedMap } from './shared/shared-map.ts'
export type { Visitor } from './visit.ts'
export { type LeasedItem, type QueueItem, type QueueStats, type TakeOptions, WorkQueue, type WorkQueueOptions } from './work-queue.ts'
