import { isHookName, isMessageName } from './message-name.ts'

/** What a call does: `methods.add(1)` calls `send('add', [1])` and gives back what that returns. The ref supplies it. */
export type Send = (method: string, args: readonly unknown[]) => unknown

type Message = (...args: readonly unknown[]) => unknown

/** A hook is sent, too: the receiver says why it is no message, where `undefined is not a function` would not. */
function isSent(name: PropertyKey): name is string {
  return isMessageName(name) || isHookName(name)
}

/** What language and tools find under names that are never messages: the members of any object, and a word for `console.log`. */
const NO_MESSAGES = Object.freeze({ [Symbol.for('nodejs.util.inspect.custom')]: () => '[methods of an ActorRef]' })

/** A name can come from outside (`ref.ask[route]`). Past so many, a call costs a closure more, and memory does not grow. */
const METHODS_KEPT_MAX = 256

/**
 * The run-time side of `ref.ask`: an object whose every property is a message, for a ref knows no class. Where options can
 * be given it is a function too, and keeps its messages: 0.8 µs to make and first call, then 14 to 31 ns a call. What
 * `withOptions` gives is mostly called once, so it keeps nothing: 80 ns to make and call.
 */
export function methodsOf(send: Send, withOptions?: (options: never) => object): object {
  return withOptions === undefined ? messagesOnce(send) : messagesKept(send, withOptions)
}

function messagesOnce(send: Send): object {
  return new Proxy(NO_MESSAGES, {
    get: (none, name) => (isSent(name) ? message(send, name) : Reflect.get(none, name)),
  })
}

const KEPT = Symbol('kept')
interface Kept {
  readonly send: Send
  count: number
}

/** The Proxy is a prototype: only the first access to a name reaches it, and it is one for all, since a prototype for each costs 1 µs. */
const KEEPING = new Proxy(NO_MESSAGES, {
  get(none, name, methods: { readonly [KEPT]: Kept }) {
    if (!isSent(name)) return Reflect.get(none, name)
    const kept = methods[KEPT]
    const value = message(kept.send, name)
    if (kept.count++ < METHODS_KEPT_MAX) Object.defineProperty(methods, name, { value, configurable: true, writable: true })
    return value
  },
})

function messagesKept(send: Send, withOptions: (options: never) => object): object {
  const methods = (options: never): object => withOptions(options)
  Object.setPrototypeOf(methods, KEEPING)
  // An actor may well have a method name() or length(): those of a function would hide them.
  Reflect.deleteProperty(methods, 'length')
  Reflect.deleteProperty(methods, 'name')
  const kept: Kept = { send, count: 0 }
  return Object.defineProperty(methods, KEPT, { value: kept })
}

/** A closure and not a method, so that `items.map(ref.ask.resize)` and `const { resize } = ref.ask` work. */
function message(send: Send, name: string): Message {
  return (...args) => send(name, args)
}
