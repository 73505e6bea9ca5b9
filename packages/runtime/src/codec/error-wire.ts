import { RemoteError } from '../base/errors.ts'
import { errorNameOf, errorPrototypeNamed, hasInheritedName } from './class-registry.ts'
import type { Copier } from './copier.ts'
import { unreadable } from './packer.ts'
import { classNameOf, describe } from './refusal.ts'
import type { Reviver } from './reviver.ts'

/**
 * The parts of an ERROR: the registered name of the class ('' for none), name, message, stack, code (undefined for none),
 * which of the two follow, [cause], [errors of an AggregateError], keys and values of the own fields in turn.
 */
const HAS_CAUSE = 1
const HAS_ERRORS = 2
const FIRST_OPTIONAL = 7
/** Fields that have places of their own; and those that also a RemoteError has. */
const ELSEWHERE = ['stack', 'cause', 'errors']
const ELSEWHERE_IF_REMOTE = [...ELSEWHERE, 'name', 'message']

/** The stack is the one of the throwing side. Symbol keys are left out: Node marks its own errors with some. */
export function errorParts(copier: Copier, error: Error): unknown[] {
  const registered = errorNameOf(error)
  const texts = [registered, nameOf(error, registered), textOf(error, 'message'), textOf(error, 'stack')]
  const has = (Object.hasOwn(error, 'cause') ? HAS_CAUSE : 0) | (Object.hasOwn(error, 'errors') ? HAS_ERRORS : 0)
  const parts: unknown[] = [...texts.map((text) => copier.copyText(text)), copier.copy(codeOf(error)), has]
  const entered = copier.enter()
  const copyField = (source: object, key: string) => copier.copyPart(entered, key, readField(copier, source, key))
  if (has & HAS_CAUSE) parts.push(copyField(error, 'cause'))
  if (has & HAS_ERRORS) parts.push(copyField(error, 'errors'))
  const fields = fieldsOf(error)
  const elsewhere = registered === '' ? ELSEWHERE_IF_REMOTE : ELSEWHERE
  for (const key of Object.keys(fields)) {
    copier.steps[entered] = key
    if (!elsewhere.includes(key)) parts.push(copier.copyText(key), copyField(fields, key))
  }
  copier.leave(entered)
  return parts
}

/** An unregistered class that has not named its errors is known by the name of the class: 'Error' would say nothing. */
function nameOf(error: Error, registered: string): string {
  return registered === '' && hasInheritedName(error) ? classNameOf(error) : textOf(error, 'name')
}

/** `stack` can be a getter of the user's (Error.prepareStackTrace), and an error must get out all the same. */
function textOf(error: Error, part: 'name' | 'message' | 'stack'): string {
  try {
    const text: unknown = error[part]
    return typeof text === 'string' ? text : text === undefined ? '' : describe(text)
  } catch (thrown) {
    return `(reading its ${part} threw ${describe(thrown)})`
  }
}

/** Only for a RemoteError, whose field it becomes; a class that is registered has its code among its own fields. */
function codeOf(error: Error): string | undefined {
  try {
    const { code } = error as { code?: unknown }
    return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined
  } catch {
    return undefined
  }
}

/** A RemoteError goes on as what it stands for: its fields are the ones that came, and any it has been given since. */
function fieldsOf(error: Error): object {
  if (!(error instanceof RemoteError)) return error
  const { code: _, fields, ...own } = error
  return { ...fields, ...own }
}

function readField(copier: Copier, error: object, key: string): unknown {
  if (!copier.tolerant) return (error as Record<string, unknown>)[key]
  try {
    return (error as Record<string, unknown>)[key]
  } catch (thrown) {
    return `[reading it threw ${describe(thrown)}]`
  }
}

/** The error exists, and has its number, before its parts are revived: they may refer to it. */
export function errorFrom(reviver: Reviver, parts: readonly unknown[]): Error {
  const [registered, name, message, stack] = parts.slice(1, 5).map((part) => reviver.textOf(part)) as [string, string, string, string]
  const [code, has] = parts.slice(5, FIRST_OPTIONAL)
  if (typeof has !== 'number') throw unreadable('an error in it ends too early')
  const prototype = errorPrototypeNamed(registered)
  const fields = {}
  const remoteOr = () =>
    prototype === undefined
      ? new RemoteError(name, message, code === undefined ? '' : reviver.textOf(code), fields)
      : errorLike(prototype, name, message)
  const error = withStack(stack, remoteOr)
  if (prototype !== undefined && !(error instanceof DOMException)) Object.setPrototypeOf(error, prototype)
  reviver.noteBegun(error)
  let at = FIRST_OPTIONAL
  if (has & HAS_CAUSE) define(error, 'cause', reviver.revive(parts[at++]))
  if (has & HAS_ERRORS) define(error, 'errors', reviver.revive(parts[at++]))
  reviver.defineFields(prototype === undefined ? fields : error, parts, at)
  if (textOf(error, 'name') !== name) define(error, 'name', name)
  if (textOf(error, 'message') !== message) define(error, 'message', message)
  return error
}

/** Gets its class later, and without a call of its constructor, which wants arguments of its own: but it is a real error. */
function errorLike(prototype: object, name: string, message: string): Error {
  return prototype === DOMException.prototype ? new DOMException(message, name) : new Error(message)
}

/**
 * Taking a stack here costs microseconds, and it would be the wrong one. It is replaced while the error has no class yet:
 * formatting it may call getters of the class, and those may want private fields that only the constructor makes.
 */
function withStack(stack: string, make: () => Error): Error {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    const error = make()
    define(error, 'stack', stack)
    return error
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true })
}
