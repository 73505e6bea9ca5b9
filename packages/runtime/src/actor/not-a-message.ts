import { NotAMessageError } from '../base/errors.ts'
import { hookMeantBy, isHookName } from '../ref/message-name.ts'

/** What to say about a call to something that is no method. Looks at no more than property descriptors: no accessor runs. */
export function notAMessage(path: string, actor: object, name: string, known: Iterable<string>): NotAMessageError {
  return new NotAMessageError(`${path}: ${actor.constructor.name}`, name, [...known], whyNot(actor, name))
}

function whyNot(actor: object, name: string): string | undefined {
  if (name === 'onStop')
    return 'only the runtime calls it. To stop an actor: await system.stopActor(ref), or this.context.stop() inside it.'
  if (isHookName(name)) return 'only the runtime calls it. Put what others shall call into a method of its own name.'
  const descriptor = descriptorOf(actor, name)
  if (descriptor === undefined) return undefined
  if (typeof descriptor.value === 'function')
    return `${name} is a field that holds a function (${name} = (…) => …), and only methods are messages. Write it as a method: ${name}(…) { … }.`
  const what = 'value' in descriptor ? 'a field' : 'an accessor'
  return `${name} is ${what}, and only methods are messages. Write a method that returns it.`
}

/** Own, or inherited up to what every object has. */
function descriptorOf(actor: object, name: string): PropertyDescriptor | undefined {
  for (let at: object | null = actor; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** A hook with a wrong capital would be a message that nobody sends. */
export function refuseMisspeltHooks(methods: Iterable<string>, actor: string): void {
  for (const name of methods) {
    const hook = hookMeantBy(name)
    if (hook === undefined) continue
    throw new TypeError(`${actor} has a method ${name}(), which nobody calls at ${hook.slice(2).toLowerCase()}: the hook is ${hook}().`)
  }
}
