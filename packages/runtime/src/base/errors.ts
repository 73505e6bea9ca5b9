import { describeExit, type ExitReason, type StartStage } from './exit-reason.ts'
import { didYouMean } from './nearest-name.ts'
import { placeOf, withStartCure } from './start-cures.ts'

/**
 * The closed list of what can go wrong with the world or with a call. Every error has a stable `code`, names the actor,
 * the method and the path where there is one, and says what to do. Our own mistakes are assertions (assert.ts).
 */
export abstract class TroupeError extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}

/** A value that cannot cross to another isolate. Thrown before a byte is written. */
export class NotSendableError extends TroupeError {
  readonly code = 'TROUPE_NOT_SENDABLE'
  /** Where in the message: `args[0].user.onClick`. */
  readonly path: string
  constructor(path: string, why: string, call?: string) {
    super(`${path} cannot be sent${call === undefined ? '' : ` (${call})`}: ${why}`)
    this.path = path
  }
}

/** Bytes that are not a message of ours, or that name a class which is not registered in this isolate. Only this record is lost. */
export class UnreadableMessageError extends TroupeError {
  readonly code = 'TROUPE_UNREADABLE_MESSAGE'
  constructor(why: string, options?: ErrorOptions) {
    super(`the message cannot be read: ${why}`, options)
  }
}

/** A message above `limits.messageBytesMax`. Thrown before a byte is written. */
export class MessageTooLargeError extends TroupeError {
  readonly code = 'TROUPE_MESSAGE_TOO_LARGE'
  constructor(call: string, bytes: number, bytesMax: number, limit = 'limits.messageBytesMax of the system') {
    super(`${call}: the message has ${bytes} bytes, and at most ${bytesMax} are allowed. Send it in parts, or raise ${limit}.`)
  }
}

/** The mailbox had no room for this sender. Nothing was accepted. */
export class MailboxFullError extends TroupeError {
  readonly code = 'TROUPE_MAILBOX_FULL'
  constructor(call: string) {
    super(
      `${call}: the mailbox is full for this sender (limits.laneMessagesMax, limits.laneBytesMax). Nothing was sent. Send less, make the actor faster, or wait for room with { whenFull: 'wait' }.`,
    )
  }
}

/** The memory for all mailboxes of the system together is used up. Nothing was accepted. */
export class BudgetExceededError extends TroupeError {
  readonly code = 'TROUPE_BUDGET_EXCEEDED'
  constructor(call: string) {
    super(
      `${call}: all mailboxes of the system together have used their memory (limits.arenaBytesMax). Nothing was sent. Find the slow actor in system.tree(), or raise the limit.`,
    )
  }
}

/** The queue is closed: nothing can be put any more; or it is closed and empty, and nothing can come. */
export class QueueClosedError extends TroupeError {
  readonly code = 'TROUPE_QUEUE_CLOSED'
  constructor(call: string) {
    super(
      `${call}: the queue is closed${/get/.test(call) ? ', and everything in it has been taken. A `for await` loop ends here by itself' : '. Nothing was put'}.`,
    )
  }
}

/** The queue was full, or empty, for as long as the caller was ready to wait. Nothing was put or taken. */
export class QueueTimeoutError extends TroupeError {
  readonly code = 'TROUPE_QUEUE_TIMEOUT'
  constructor(call: string, timeoutMs: number, state: 'full' | 'empty') {
    super(
      `${call}: the queue was ${state} for ${timeoutMs} ms. ${state === 'full' ? 'Put less, take faster, or raise its capacity or bytesMax' : 'Wait longer with { timeoutMs }, or use tryGet()'}.`,
    )
  }
}

/** The address has ended: nobody will ever read this mailbox again. */
export class ActorStoppedError extends TroupeError {
  readonly code = 'TROUPE_ACTOR_STOPPED'
  readonly reason: ExitReason | undefined
  /** `what`: when there never was an actor. */
  constructor(call: string, reason?: ExitReason, what = hasEnded(reason)) {
    super(`${call}: ${what}`, causeOf(reason))
    this.reason = reason
  }
}

function hasEnded(reason: ExitReason | undefined): string {
  const why = reason === undefined ? 'too long ago for the reason to be known' : describeExit(reason)
  return `the actor has ended (${why}). The call was not begun. Look its successor up by name, or watch it to be told.`
}

/** The actor died while it worked on this very call (G5). Its effects are unknown. */
export class ActorDownError extends TroupeError {
  readonly code = 'TROUPE_ACTOR_DOWN'
  readonly reason: ExitReason
  constructor(call: string, reason: ExitReason) {
    super(
      `${call}: the actor died while working on this call (${describeExit(reason)}). Whether the call took effect is unknown; retry only what may happen twice.`,
      causeOf(reason),
    )
    this.reason = reason
  }
}

/** No answer in time. The call may still be executed if it had begun; it is not started any more if it had not. */
export class AskTimeoutError extends TroupeError {
  readonly code = 'TROUPE_ASK_TIMEOUT'
  constructor(call: string, timeoutMs: number, isInherited = false) {
    super(
      isInherited
        ? `${call}: no answer within ${Math.max(0, Math.ceil(timeoutMs))} ms, which is what was left to the call that it was asked for. Give that one more time with ask({ timeoutMs }).`
        : `${call}: no answer within ${timeoutMs} ms. Raise it with ask({ timeoutMs }), or see why: system.tree() has the actor's mailbox depth, and system.inspect(ref) what it is busy with.`,
    )
  }
}

/** The caller's own AbortSignal ended the wait. */
export class AskAbortedError extends TroupeError {
  readonly code = 'TROUPE_ASK_ABORTED'
  constructor(call: string, reason: unknown) {
    super(`${call}: aborted by the caller`, { cause: reason })
  }
}

/** An ask that could never be served, refused at once instead of after a time-out. */
export class DeadlockError extends TroupeError {
  readonly code = 'TROUPE_DEADLOCK'
  /** The paths of those who would wait for each other, from the asker round to the asker. */
  readonly cycle: readonly string[]
  /** `why`: where it is not a cycle of actors that wait. */
  constructor(call: string, cycle: readonly string[], why?: string) {
    const waits = `every actor on its way waits for the next: ${cycle.join(' → ')}. Use tell, or call the method directly (this.method()).`
    super(`${call}: this ask could never be answered, because ${why ?? waits}`)
    this.cycle = cycle
  }
}

/** The name is in use among its siblings. */
export class NameTakenError extends TroupeError {
  readonly code = 'TROUPE_NAME_TAKEN'
  constructor(path: string) {
    super(`${path} exists already. Choose another name, or leave the name out to get a generated one.`)
  }
}

export class InvalidNameError extends TroupeError {
  readonly code = 'TROUPE_INVALID_NAME'
  constructor(name: unknown) {
    const shown = typeof name === 'string' ? JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name) : String(name)
    const fault = name === undefined ? "the name is missing, as in { name: 'shop' }" : `${shown} is not a name`
    super(`${fault}: a name has 1 to 128 of the characters A-Z a-z 0-9 . _ ~ - and does not start with a dot.`)
  }
}

/** The actor never became ready. */
export class StartFailedError extends TroupeError {
  readonly code = 'TROUPE_START_FAILED'
  readonly stage: StartStage
  constructor(path: string, stage: StartStage, error: unknown) {
    const place = placeOf(error)
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const text = `${path} did not start: ${STAGES[stage]}: ${what}${place === undefined ? '' : ` (${place})`}`
    super(withStartCure(text, stage, error), { cause: error })
    this.stage = stage
  }
}

const STAGES: Record<StartStage, string> = {
  resolve: 'its module, or one that it imports, could not be found',
  bundle: 'there is no bundle of its module',
  isolate: 'its isolate could not be made',
  load: 'its module could not be loaded',
  constructor: 'its constructor failed',
  onStart: 'its onStart failed',
  timeout: 'it was not ready in time (startMs)',
}

/** An actor was not upgraded. Unless `stage` is `stop`, its former version goes on, and nothing that it had accepted is lost. */
export class UpgradeFailedError extends TroupeError {
  readonly code = 'TROUPE_UPGRADE_FAILED'
  readonly stage: UpgradeStage
  constructor(path: string, stage: UpgradeStage, error?: unknown) {
    const why = error === undefined ? '' : `: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
    super(`${path} was not upgraded: ${UPGRADE_STAGES[stage]}${why}`, error === undefined ? undefined : { cause: error })
    this.stage = stage
  }
}

/** How far an upgrade came. */
export type UpgradeStage = 'notRunning' | 'load' | 'onUpgrade' | 'stop' | 'start'

const UPGRADE_STAGES: Record<UpgradeStage, string> = {
  notRunning: 'it is not running now, or another upgrade of it is under way. Try again',
  load: 'the new version could not be loaded, and the former one goes on',
  onUpgrade: 'its onUpgrade threw, or returned what cannot be sent, and it goes on',
  stop: 'it ended before it could hand over; its supervisor decides',
  start: 'the new version did not start, and the former one was started again with what had been handed over',
}

/** A spec with faults; all of them, found before anything was started. */
export class InvalidSpecError extends TroupeError {
  readonly code = 'TROUPE_INVALID_SPEC'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(
      `the spec has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    )
    this.faults = faults
  }
}

/** An option out of its range, a class without a module, a call at the wrong moment. */
export class InvalidArgumentError extends TroupeError {
  readonly code = 'TROUPE_INVALID_ARGUMENT'
}

/** An actor has set aside as many messages as it may: asks whose reply it has deferred, and what it has stashed. */
export class HeldFullError extends TroupeError {
  readonly code = 'TROUPE_HELD_FULL'
  constructor(call: string, max: number) {
    super(
      `${call}: the actor has ${max} messages set aside (limits.laneMessagesMax), and cannot keep this one. Answer deferred replies that nobody waits for (isWanted), unstash sooner, or refuse callers before it comes to this.`,
    )
  }
}

/** A deferred reply was answered twice. The first answer stands. */
export class AlreadyRepliedError extends TroupeError {
  readonly code = 'TROUPE_ALREADY_REPLIED'
  constructor(call: string, how: 'send' | 'fail') {
    super(`${call} has its reply, and ${how}() came after it. Keep a deferred reply in one place, and take it out before you answer.`)
  }
}

/** The method exists nowhere among the actor's messages. */
export class NotAMessageError extends TroupeError {
  readonly code = 'TROUPE_NOT_A_MESSAGE'
  /** `why`: what it is instead (a field, a hook), with the cure; without it, what was probably meant is named. */
  constructor(actor: string, method: string, known: readonly string[], why?: string) {
    const have = `Its messages are its own public methods: ${known.length === 0 ? 'it has none' : known.join(', ')}.`
    super(`${actor} has no message ${method}()${why === undefined ? `.${didYouMean(method, known)}` : `: ${why}`} ${have}`)
  }
}

/** What a schema says is wrong with a message, and where in it. */
export interface MessageIssue {
  /** `args[0].user.name` */
  readonly path: string
  readonly message: string
}

/** The arguments are not what the actor's `schemas` say. The method was not begun. */
export class InvalidMessageError extends TroupeError {
  readonly code = 'TROUPE_INVALID_MESSAGE'
  /** The path of the actor. */
  readonly actor: string
  readonly method: string
  /** The first of them, at most 32; their texts are cut at 300 characters. */
  readonly issues: readonly MessageIssue[]
  constructor(actor: string, method: string, issues: readonly MessageIssue[], more = 0) {
    const texts = issues.slice(0, SHOWN_ISSUES_MAX).map(({ path, message }) => `${path}: ${message}`)
    const others = issues.length - texts.length + more
    super(
      `${actor}.${method}(): the arguments are not what the actor's schemas say, and the method was not begun: ${texts.join('; ')}${others === 0 ? '' : `; and ${others} more`}. Send what they say.`,
    )
    this.actor = actor
    this.method = method
    this.issues = issues
  }
}

const SHOWN_ISSUES_MAX = 5

/** Why a supervisor did not do what it was asked to, in OTP's words where OTP has one. */
export type SupervisorRefusal = keyof typeof REFUSALS

/** What a running supervisor was asked cannot be done as things are. Nothing has changed. */
export class SupervisorError extends TroupeError {
  readonly code = 'TROUPE_SUPERVISOR'
  readonly why: SupervisorRefusal
  constructor(why: SupervisorRefusal, supervisor: string, name = '') {
    super(REFUSALS[why](supervisor, `${supervisor === '/' ? '' : supervisor}/${name}`))
    this.why = why
  }
}

const REFUSALS = {
  alreadyStarted: (_: string, child: string) => `${child} runs already. Choose another name, or end it first with terminateChild.`,
  alreadyPresent: (_: string, child: string) =>
    `${child} is there, and does not run. restartChild starts it again; deleteChild makes room for another spec.`,
  running: (_: string, child: string) => `${child} runs. End it first with terminateChild.`,
  restarting: (_: string, child: string) => `${child} is being restarted. End that first with terminateChild.`,
  notFound: (supervisor: string, child: string) => `${child} does not exist. whichChildren of ${supervisor} says who does.`,
  dynamic: (supervisor: string) =>
    `${supervisor} is a dynamic supervisor and forgets who has ended: there is nothing to restart or delete. Use startChild.`,
  maxChildren: (supervisor: string) => `${supervisor} has as many children as it may. Raise maxChildren, or wait until one has ended.`,
  notPartitioned: (supervisor: string) => `${supervisor} has no partitions. Make it with partitionSupervisor(…), or use startChild.`,
  noSupervisor: (supervisor: string) =>
    `there is no supervisor at ${supervisor}: it has ended, or never was. system.tree() says who is there; an actor has one as soon as it has spawned.`,
  supervisorStopped: (supervisor: string) => `${supervisor} ends, and starts and stops nobody any more at others' wish.`,
} as const

/** A supervisor had more restarts than its intensity allows, and gave up. */
export class RestartLimitError extends TroupeError {
  readonly code = 'TROUPE_RESTART_LIMIT'
  constructor(path: string, restarts: number, withinMs: number, last: string, cause?: unknown) {
    super(
      `${path} gave up: more than ${restarts} restarts within ${withinMs} ms. The last: ${last}`,
      cause === undefined ? undefined : { cause },
    )
  }
}

export class SystemStoppedError extends TroupeError {
  readonly code = 'TROUPE_SYSTEM_STOPPED'
  /** `why`: when nobody had asked for it. */
  constructor(system: string, doing: string, why?: string) {
    super(
      `the system "${system}" has stopped${why === undefined ? '' : `, because ${why}`}: ${doing} is not possible any more. ${why === undefined ? 'Start another one, or stop what still uses this one first.' : 'system.closed rejects with the whole story.'}`,
    )
  }
}

/** No seat is free: every actor needs one for as long as its address lives. */
export class ActorLimitError extends TroupeError {
  readonly code = 'TROUPE_ACTOR_LIMIT'
  constructor(actorsMax: number) {
    super(
      `the system has ${actorsMax} actors, and that is its limit. An isolate costs 6 to 12 MB; raise limits.actorsMax if that is meant, or stop actors that are done.`,
    )
  }
}

/** An error whose class is not registered here: its name, code, stack and fields have come over. */
export class RemoteError extends TroupeError {
  readonly #name: string
  readonly code: string
  readonly fields: Readonly<Record<string, unknown>>
  constructor(name: string, message: string, code: string, fields: Readonly<Record<string, unknown>>, options?: ErrorOptions) {
    super(message, options)
    this.#name = name
    this.code = code
    this.fields = fields
  }
  override get name(): string {
    return this.#name
  }
}

function causeOf(reason: ExitReason | undefined): ErrorOptions | undefined {
  return reason !== undefined && 'error' in reason ? { cause: reason.error } : undefined
}
