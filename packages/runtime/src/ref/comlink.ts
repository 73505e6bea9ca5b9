import { type Endpoint, type Remote, wrap } from 'comlink'
import { InvalidArgumentError } from '../base/errors.ts'
import type { PortLike } from '../codec/moved.ts'
import { isMessageName } from './message-name.ts'
import type { ActorRef, AskMessages } from './ref-types.ts'

/** What Comlink speaks over: a MessagePort, a Worker of a page, or anything with these three. */
export interface ComlinkEndpoint {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  removeEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  /** Of a MessagePort: nothing arrives before it. */
  start?(): void
}

export interface ExposeOptions<A> {
  /** The methods that may be called. All others are refused, and so is everything else that Comlink can say. */
  readonly methods: readonly (keyof AskMessages<A> & string)[]
}

/**
 * Lets a Comlink client on the other side of an endpoint (a plain worker, a page) call an actor: it wraps its end with
 * `Comlink.wrap`, and calls what `methods` names. Arguments are what arrives, checked as in any message; errors arrive with
 * name, message and stack. What is no call of an allowed method is answered with an error, or dropped when it asks for no
 * answer. Returns what ends it. It needs no Comlink on this side.
 *
 * @throws {InvalidArgumentError} if a name in `methods` can be no method
 */
export function exposeActor<A>(ref: ActorRef<A>, endpoint: ComlinkEndpoint | PortLike, { methods }: ExposeOptions<A>): () => void {
  for (const name of methods)
    if (!isMessageName(name)) throw new InvalidArgumentError(`exposeActor: "${String(name)}" can be no method of an actor.`)
  const allowed = new Set<string>(methods)
  // A port of Node has these, too; its types do not say so.
  return serve(ref, endpoint as ComlinkEndpoint, (name) => allowed.has(name))
}

/**
 * A ref as Comlink's `Remote`: for code that is written for Comlink. `await proxy(counter).add(1)`. A ref itself is faster.
 */
export function proxy<A>(ref: ActorRef<A>): Remote<AskMessages<A>> {
  const [here, there] = endpoints()
  serve(ref, here, isMessageName)
  return wrap<AskMessages<A>>(there as unknown as Endpoint)
}

/** A ref, of whatever actor. */
interface Callable {
  readonly path: string
  readonly ask: unknown
}

type Listener = (event: { readonly data: unknown }) => void

function serve(ref: Callable, endpoint: ComlinkEndpoint, isAllowed: (name: string) => boolean): () => void {
  const answer = (id: string, wire: object): void => {
    try {
      endpoint.postMessage({ id, ...wire })
    } catch (error) {
      endpoint.postMessage({ id, ...thrown(error) })
    }
  }
  const onMessage: Listener = ({ data }) => {
    const call = callIn(data)
    if (call === undefined) return
    void outcomeOf(ref, call, isAllowed).then((wire) => answer(call.id, wire))
  }
  endpoint.addEventListener('message', onMessage)
  endpoint.start?.()
  return () => endpoint.removeEventListener('message', onMessage)
}

interface Call {
  readonly id: string
  readonly type: unknown
  readonly path: readonly unknown[]
  readonly args: readonly unknown[]
}

/** Undefined: it asks for no answer, or it is nothing of Comlink's. Anybody may send anything. */
function callIn(data: unknown): Call | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { id, type, path, argumentList } = data as Record<string, unknown>
  if (typeof id !== 'string') return undefined
  return { id, type, path: Array.isArray(path) ? path : [], args: Array.isArray(argumentList) ? argumentList : [] }
}

async function outcomeOf(ref: Callable, { type, path, args }: Call, isAllowed: (name: string) => boolean): Promise<object> {
  try {
    if (type === 'RELEASE') return { type: 'RAW', value: undefined }
    const [name] = path
    if (type !== 'APPLY' || path.length !== 1 || typeof name !== 'string' || !isAllowed(name))
      throw new TypeError(`${ref.path}: only calls of its exposed methods are answered, and this was ${String(type)} ${path.join('.')}.`)
    const messages = ref.ask as Record<string, (...args: unknown[]) => Promise<unknown>>
    return { type: 'RAW', value: await messages[name]!(...args.map(valueIn)) }
  } catch (error) {
    return thrown(error)
  }
}

/** Callbacks and the user's own transfer handlers are not taken. */
function valueIn(wire: unknown): unknown {
  const { type, value } = (wire ?? {}) as { readonly type?: unknown; readonly value?: unknown }
  if (type === 'RAW') return value
  throw new TypeError('an argument needs a transfer handler of Comlink (a callback, for example). Pass plain data.')
}

/** As Comlink's own handler for what is thrown. */
function thrown(error: unknown): object {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return { type: 'HANDLER', name: 'throw', value: { isError: true, value: { name, message, stack } } }
}

/** Two ends in one thread. */
function endpoints(): readonly [ComlinkEndpoint, ComlinkEndpoint] {
  const listeners = [new Set<Listener>(), new Set<Listener>()] as const
  const end = (own: Set<Listener>, other: Set<Listener>): ComlinkEndpoint => ({
    postMessage: (data) => queueMicrotask(() => other.forEach((listener) => void listener({ data }))),
    addEventListener: (_, listener) => void own.add(listener),
    removeEventListener: (_, listener) => void own.delete(listener),
  })
  return [end(listeners[0], listeners[1]), end(listeners[1], listeners[0])]
}
