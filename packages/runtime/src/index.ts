// The public words, one each (docs/GLOSSARY.md). Nothing else of the runtime is public.
import { installQueuePlatform } from './mailbox/queue-thread.ts'
import { asyncContext, traceContext } from './node/async-context.ts'
import { refuseInIsolates } from './node/loading.ts'
import { nodeQueuePlatform } from './node/queue-platform.ts'
import { tapChannel } from './node/tap-channels.ts'
import { installAsyncContext } from './ref/carrier.ts'
import { registerContext, TRACE } from './ref/context-keys.ts'
import { installTaps } from './ref/taps.ts'
import type { RunningSystem } from './system/actor-system.ts'
import { type ActorSystemOn, actorSystemOn } from './system/start-on.ts'

/** Starts systems: `await ActorSystem.start({ name: 'shop' })`. */
export const ActorSystem: ActorSystemOn = actorSystemOn(refuseInIsolates, async () => {
  const { nodePlatform } = await import('./node/platform.ts')
  return nodePlatform(new URL('./control-entry.js', import.meta.url))
})
/** A running system. */
export type ActorSystem = RunningSystem

installQueuePlatform(nodeQueuePlatform)
installTaps(tapChannel)
installAsyncContext(asyncContext)
registerContext(TRACE, traceContext)

export { Actor, type Exit, type IncarnationEnded, type Signal, type Terminated } from './actor/actor.ts'
export type { ActorContext, WatchOptions } from './actor/context.ts'
export type { DeferredReply } from './actor/deferred-reply.ts'
export type { ActorLog, LogFields } from './actor/log.ts'
export type { Schemas } from './actor/schemas.ts'
export type { SchemaIssue, SchemaResult, StandardSchema } from './actor/standard-schema.ts'
export type { Timers } from './actor/timers.ts'
export type { BundleOptions } from './base/bundle-options.ts'
export {
  ActorDownError,
  ActorLimitError,
  ActorStoppedError,
  AlreadyRepliedError,
  AskAbortedError,
  AskTimeoutError,
  BudgetExceededError,
  DeadlockError,
  HeldFullError,
  InvalidArgumentError,
  InvalidMessageError,
  InvalidNameError,
  InvalidSpecError,
  MailboxFullError,
  type MessageIssue,
  MessageTooLargeError,
  NameTakenError,
  NotAMessageError,
  NotSendableError,
  QueueClosedError,
  QueueTimeoutError,
  RemoteError,
  RestartLimitError,
  StartFailedError,
  SupervisorError,
  type SupervisorRefusal,
  SystemStoppedError,
  TroupeError,
  UnreadableMessageError,
  UpgradeFailedError,
  type UpgradeStage,
} from './base/errors.ts'
export type { DeadLetter, LogLine, SystemEventName, SystemEvents } from './base/events.ts'
export { describeExit, type ExitReason, type StartStage } from './base/exit-reason.ts'
export type { IsolateKind } from './base/isolate-kind.ts'
export type { SystemLimits } from './base/limits.ts'
export type { LogLevel } from './base/log-level.ts'
export { type ClassCodec, registerClass, registerError } from './codec/class-registry.ts'
export type { FrozenBytes } from './codec/frozen/bytes.ts'
export type { FrozenMap, FrozenSet } from './codec/frozen/collections.ts'
export { type Frozen, freeze, type Thawed, thaw } from './codec/frozen/freeze.ts'
export { type Movable, type Moved, move } from './codec/moved.ts'
export { type Shared, type SharedArray, share } from './codec/shared.ts'
export type { Inspection, TreeNode } from './isolate/requests.ts'
export { Queue } from './mailbox/queue.ts'
export type { QueueHandle, QueueOptions, QueueSyncOptions, QueueWaitOptions } from './mailbox/queue-options.ts'
export { traceContext } from './node/async-context.ts'
export { availableCores } from './node/machine.ts'
export { type ContextStorage, registerContext, type TraceContext } from './ref/context-keys.ts'
export type { PartitionBy, PartitionKey } from './ref/partition-key.ts'
export type {
  ActorClass,
  ActorRef,
  ActorsIn,
  AnyRef,
  AskOptions,
  AskSyncOptions,
  SpawnArgs,
  SpawnOptions,
  TellOptions,
  TellRefusal,
} from './ref/ref-types.ts'
export type { Broadcast, Group, Router, RouterOptions } from './ref/router-types.ts'
export type { Callback, NotSendable, Sendable, SendableClasses } from './ref/sendable.ts'
export type { TappedCall, Taps } from './ref/taps.ts'
export { actorsIn } from './supervisor/actors-in.ts'
export type { Backoff, BackoffOptions } from './supervisor/backoff.ts'
export {
  type AnySpec,
  type AutoShutdown,
  type ChildOptions,
  type ChildSpec,
  child,
  type DynamicSupervisorOptions,
  type DynamicSupervisorSpec,
  dynamicSupervisor,
  type Intensity,
  type Restart,
  type ShutdownMs,
  type Strategy,
  type SupervisorOptions,
  type SupervisorSpec,
  supervisor,
} from './supervisor/child-spec.ts'
export type { ChildCounts } from './supervisor/decision-shapes.ts'
export { type PartitionSupervisorOptions, type PartitionSupervisorSpec, partitionSupervisor } from './supervisor/partition-spec.ts'
export type { ChildInfo, Started, SupervisorRef } from './supervisor/supervisor-ref.ts'
export type { DeadLetters } from './system/dead-letters.ts'
export { type PinoLogger, pinoSink } from './system/pino-sink.ts'
export type { StopOptions, SystemOptions } from './system/system-options.ts'
