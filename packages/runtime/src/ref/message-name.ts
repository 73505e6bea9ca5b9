/**
 * The members of an actor that belong to the runtime and not to its callers. The actor layer's class `Actor` implements
 * this, so that refs need not import it. None of these names is ever a message.
 */
export interface ActorHooks {
  readonly context: unknown
  onStart?(): unknown
  onStop?(reason: never): unknown
  onSignal?(signal: never): unknown
  onUpgrade?(): unknown
}

/** `satisfies` makes a new hook without an entry here a compile error. */
const HOOKS = { context: true, onStart: true, onStop: true, onSignal: true, onUpgrade: true } satisfies Record<keyof ActorHooks, true>

/**
 * What the language and its tools look up on any object they meet: `await` asks for `then`, JSON for `toJSON`, a test
 * runner for `asymmetricMatch`. Were these messages, looking at a ref would send one.
 */
const LANGUAGE_NAMES = [
  'constructor',
  'prototype',
  '__proto__',
  'then',
  'catch',
  'finally',
  'toJSON',
  'toString',
  'toLocaleString',
  'valueOf',
  'inspect',
  'asymmetricMatch',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
] as const

export type LanguageName = (typeof LANGUAGE_NAMES)[number]

const NEVER_MESSAGES: ReadonlySet<PropertyKey> = new Set<PropertyKey>([...Object.keys(HOOKS), ...LANGUAGE_NAMES])

/** Whether it is a hook: the runtime calls it, and a call through a ref is refused by its receiver, in words. */
export function isHookName(name: PropertyKey): name is string {
  return typeof name === 'string' && Object.hasOwn(HOOKS, name)
}

const HOOK_BY_LETTERS = new Map(Object.keys(HOOKS).map((hook) => [hook.toLowerCase(), hook]))

/** The hook that a method was probably meant to be, when it is spelt like one but for its capitals: it would never be called. */
export function hookMeantBy(name: string): string | undefined {
  const hook = HOOK_BY_LETTERS.get(name.toLowerCase())
  return hook === name ? undefined : hook
}

/** Whether a method of this name can be called through a ref (D16). The caller's side and the actor's table both ask here. */
export function isMessageName(name: PropertyKey): name is string {
  return typeof name === 'string' && !NEVER_MESSAGES.has(name)
}
