import { RemoteError } from '../base/errors.ts'
import { errorNameOf, errorPrototypeNamed } from './class-registry.ts'
import { describe } from './refusal.ts'
import type { ValueReader } from './value-reader.ts'
import type { ValueWriter } from './value-writer.ts'
import * as wire from './wire.ts'

/**
 * The payload of EXT_ERROR: the registered name of the class ('' for none), name, message, stack, code (undefined for
 * none), which of the two follow, [cause], [errors of an AggregateError], the own fields as a map.
 */
const HAS_CAUSE = 1
const HAS_ERRORS = 2
/** Fields that have places of their own; and those that also a RemoteError has. */
const ELSEWHERE = ['stack', 'cause', 'errors']
const ELSEWHERE_IF_REMOTE = [...ELSEWHERE, 'name', 'message']

/** The stack is the one of the throwing side. Symbol keys are left out: Node marks its own errors with some. */
export function writeError(writer: ValueWriter, error: Error): void {
  const payload = writer.beginExtension(wire.EXT_ERROR)
  const registered = errorNameOf(error)
  writer.writeString(registered)
  for (const part of ['name', 'message', 'stack'] as const) writer.writeString(textOf(error, part))
  writer.writeValue(codeOf(error))
  const depth = writer.enter()
  const has = (Object.hasOwn(error, 'cause') ? HAS_CAUSE : 0) | (Object.hasOwn(error, 'errors') ? HAS_ERRORS : 0)
  writer.writeValue(has)
  if (has & HAS_CAUSE) writeField(writer, depth, error, 'cause')
  if (has & HAS_ERRORS) writeField(writer, depth, error, 'errors')
  writeFields(writer, depth, fieldsOf(error), registered === '' ? ELSEWHERE_IF_REMOTE : ELSEWHERE)
  writer.leave(depth)
  writer.endExtension(payload)
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

function writeFields(writer: ValueWriter, depth: number, source: object, elsewhere: readonly string[]): void {
  const keys = Object.keys(source).filter((key) => !elsewhere.includes(key))
  writer.ensureSlack()
  writer.writeUint32(wire.MAP_32, keys.length)
  for (const key of keys) {
    writer.ensureSlack()
    writer.writeString(key)
    writeField(writer, depth, source, key)
  }
}

/** A RemoteError goes on as what it stands for: its fields are the ones that came, and any it has been given since. */
function fieldsOf(error: Error): object {
  if (!(error instanceof RemoteError)) return error
  const { code: _, fields, ...own } = error
  return { ...fields, ...own }
}

function writeField(writer: ValueWriter, depth: number, error: object, key: string): void {
  writer.steps[depth] = key
  writer.writeValue(readField(writer, error, key))
}

function readField(writer: ValueWriter, error: object, key: string): unknown {
  if (!writer.tolerant) return (error as Record<string, unknown>)[key]
  try {
    return (error as Record<string, unknown>)[key]
  } catch (thrown) {
    return `[reading it threw ${describe(thrown)}]`
  }
}

/** The error exists, and has its number, before its parts are read: they may refer to it. */
export function readError(reader: ValueReader): Error {
  const prototype = errorPrototypeNamed(reader.readText())
  const [name, message, stack] = [reader.readText(), reader.readText(), reader.readText()]
  const code = reader.readValue()
  const fields: Record<string, unknown> = {}
  const remoteOr = () =>
    prototype === undefined
      ? new RemoteError(name, message, typeof code === 'string' ? code : '', fields)
      : errorLike(prototype, name, message)
  const error = withStack(stack, remoteOr)
  if (prototype !== undefined && !(error instanceof DOMException)) Object.setPrototypeOf(error, prototype)
  reader.noteBegun(error)
  const has = reader.readValue() as number
  if (has & HAS_CAUSE) define(error, 'cause', reader.readValue())
  if (has & HAS_ERRORS) define(error, 'errors', reader.readValue())
  reader.readFieldsInto(prototype === undefined ? fields : error)
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
