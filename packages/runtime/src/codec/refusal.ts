import { MessageTooLargeError, NotSendableError } from '../base/errors.ts'
import { handleName } from './moved.ts'

/** One step into a value: a key, an index, or (in a Map or a Set) a text of its own. */
export type Step = string | number | InsideStep

/** Made for each entry of a Map or a Set, and for what a class codec made; turned into text only when something is refused. */
export interface InsideStep {
  readonly of: 'key' | 'value' | 'member' | 'class'
  /** The key a value is found under; the name of the class; or the number in the order of insertion. */
  readonly at: unknown
}

/** Thrown inside the writer, which knows the steps that led here; leaves the codec as a NotSendableError. */
export class Refusal extends Error {}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/
const SHOWN_CHARS_MAX = 60

/** `args[0].user.onClick`, `the result.rows[3]["unit price"]`, `args[0].get("key")`. */
export function pathOf(root: string, steps: readonly Step[]): string {
  return steps.reduce<string>((path, step) => path + stepText(step), root)
}

function stepText(step: Step): string {
  if (typeof step === 'number') return `[${step}]`
  if (typeof step === 'string') return IDENTIFIER.test(step) ? `.${step}` : `[${quoted(step)}]`
  if (step.of === 'class') return `<${String(step.at)}>`
  if (step.of === 'value') return `.get(${describe(step.at)})`
  return `.${step.of === 'key' ? 'keys' : 'values'}()[${String(step.at)}]`
}

function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text)
}

/** What a user made in the course of reading their value (a getter, a trap of a Proxy, a codec) is theirs: it is named, not hidden. */
export function toSendError(thrown: unknown, root: string, steps: readonly Step[], call: string): NotSendableError | MessageTooLargeError {
  if (thrown instanceof MessageTooLargeError || thrown instanceof NotSendableError) return thrown
  const error = new NotSendableError(pathOf(root, steps), whyOf(thrown), call)
  if (!(thrown instanceof Refusal)) error.cause = thrown
  return error
}

function whyOf(thrown: unknown): string {
  if (thrown instanceof Refusal) return thrown.message
  if (isStackOverflow(thrown)) return 'it is nested too deeply for the stack that is left here. Send it as a flat array.'
  return `reading it threw ${describe(thrown)}.`
}

export function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && /call stack/.test(thrown.message)
}

export const STREAM =
  'it is a stream, which only the arguments of an ask can pass: use ask. A method that gives one is written as a generator (async *name() { yield* … }). Otherwise send its data.'

const HINTS: readonly (readonly [prototype: object, why: string])[] = [
  [Promise.prototype, 'it is a Promise. Await it first.'],
  [AbortSignal.prototype, 'it is an AbortSignal. Pass { signal } to ask(…), and read this.context.signal.'],
  [
    SharedArrayBuffer.prototype,
    'it is shared memory. To have both sides see it, send share(new Int32Array(memory)); otherwise send a copy.',
  ],
  [WeakMap.prototype, 'it is a weak reference.'],
  [WeakSet.prototype, 'it is a weak reference.'],
  [WeakRef.prototype, 'it is a weak reference.'],
  [
    Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
    'it is an iterator. Send an array; or make it async (async *name() { yield* … }), and pass it with ask.',
  ],
  [Object.getPrototypeOf(Object.getPrototypeOf(asyncGenerator.prototype)), STREAM],
]

async function* asyncGenerator(): AsyncGenerator<never> {}

/** Why a value that no writer takes cannot be sent, with what to do instead. */
export function whyNot(value: unknown): string {
  if (typeof value === 'function') return `it is ${describe(value)}. Send plain data, or pass an ActorRef.`
  if (typeof value === 'symbol') return `it is a symbol, ${describe(value)}.`
  const hint = HINTS.find(([prototype]) => Object.prototype.isPrototypeOf.call(prototype, value as object))
  return hint?.[1] ?? whyNoInstance(value as object)
}

function whyNoInstance(value: object): string {
  const handle = handleName(value)
  if (handle !== undefined)
    return `it is ${handle}, which has one owner. Let one actor own it, and pass the ActorRef; or hand it over with move(…).`
  const name = classNameOf(value)
  if (Symbol.asyncIterator in value) return STREAM
  if ('emit' in value && 'on' in value) return `it is an event emitter, of class ${name}. Let one actor own it, and pass the ActorRef.`
  return `it is an instance of ${name}, a class without a codec. Send plain data, or register one with registerClass.`
}

/** For texts: short, and without running any code of the value's own where that can be helped. */
export function describe(value: unknown): string {
  try {
    return describeOrThrow(value)
  } catch {
    return 'something that cannot be read'
  }
}

function describeOrThrow(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return String(value)
  return value instanceof Error ? `${value.name}: ${value.message}` : `[${classNameOf(value)}]`
}

export function classNameOf(value: object): string {
  try {
    const { name } = value.constructor
    return typeof name === 'string' && name !== '' ? name : 'an unnamed class'
  } catch {
    return 'an unnamed class'
  }
}
