import { InvalidArgumentError } from '@troupe/runtime'
import { NotPortableError } from '../errors.ts'
import { checkFunction } from '../options.ts'
import { freeNames } from './free-names.ts'

/** A function of a module, to be called in another isolate; its module is not loaded here. */
export interface ModuleFunction<F extends AnyFunction> {
  readonly module: string
  readonly name: string
  /** For the compiler only. */
  readonly type?: F
}

/** A function that needs nothing but its arguments and what every isolate has, or one of a module. */
export type Portable<F extends AnyFunction> = F | ModuleFunction<F>

export type AnyFunction = (...args: never) => unknown

/** How a function gets to another isolate. */
export type FunctionSource = { readonly module: string; readonly name: string } | { readonly text: string; readonly name: string }

/** The functions of a module by name, each to be used where `par` and `Executor` take a function. */
export type FunctionsIn<M> = {
  readonly [K in keyof M as M[K] extends AnyFunction ? K : never]: M[K] extends AnyFunction ? ModuleFunction<M[K]> : never
}

/**
 * The functions of a module, without loading it here: neither its code nor what it imports. TypeScript is fine.
 *
 * ```ts
 * const { thumbnail } = functionsIn<typeof import('./images.ts')>(new URL('./images.ts', import.meta.url))
 * await par(files).map(thumbnail)
 * ```
 */
export function functionsIn<M>(module: URL | string): FunctionsIn<M> {
  if (!URL.canParse(String(module)))
    throw new InvalidArgumentError(
      `functionsIn(${JSON.stringify(module)}): give a file: URL, as in functionsIn(new URL('./work.ts', import.meta.url)).`,
    )
  const { href } = new URL(module)
  const known = new Map<string, ModuleFunction<AnyFunction>>()
  const get = (_: object, name: string | symbol): unknown => {
    if (typeof name !== 'string') return undefined
    if (!known.has(name)) known.set(name, Object.freeze({ module: href, name }))
    return known.get(name)
  }
  return new Proxy(Object.freeze({}), { get }) as FunctionsIn<M>
}

/** What build tools write into functions, and each isolate gets: esbuild and tsx (`keepNames`), and Vitest. */
const HELPERS: Readonly<Record<string, (value: never) => unknown>> = {
  __name: (named: unknown) => named,
  __vite_ssr_dynamic_import__: (module: string) => import(module),
}

const portableFunctions = new WeakMap<AnyFunction, FunctionSource>()
/** By text: an inline function is a new object each time its line runs. */
const portableTexts = new Map<string, FunctionSource>()
const TEXTS_MAX = 1_000

/**
 * How a function gets to another isolate.
 *
 * @throws {NotPortableError} if it uses variables from around it, or is bound, native, or a method
 */
export function sourceOf(fn: Portable<AnyFunction>): FunctionSource {
  if (typeof fn !== 'function') {
    if (typeof (fn as ModuleFunction<AnyFunction> | undefined)?.module !== 'string') checkFunction(fn, 'what is to run in another isolate')
    return fn
  }
  const source = portableFunctions.get(fn) ?? sourceOfText(fn)
  portableFunctions.set(fn, source)
  return source
}

function sourceOfText(fn: AnyFunction): FunctionSource {
  const text = Function.prototype.toString.call(fn)
  const known = portableTexts.get(text)
  if (known !== undefined) return known
  const captured = capturedBy(fn, text)
  if (captured.length > 0) throw new NotPortableError(fn.name, advice(captured), captured)
  if (portableTexts.size >= TEXTS_MAX) portableTexts.clear()
  const source = { text, name: fn.name }
  portableTexts.set(text, source)
  return source
}

function capturedBy(fn: AnyFunction, text: string): string[] {
  if (/^class\b/.test(text)) throw new NotPortableError(fn.name, 'it is a class. Give a function that makes one.')
  if (/\{\s*\[native code\]\s*\}$/.test(text))
    throw new NotPortableError(fn.name, 'it is native or bound, so it has no text. Wrap it: (item) => Math.sqrt(item).')
  try {
    return freeNames(text).filter((name) => !Object.hasOwn(HELPERS, name) && !(name in globalThis))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new NotPortableError(fn.name, 'its text is no function by itself (a method?). Wrap it: (item) => …, or use functionsIn(…).')
  }
}

function advice(captured: readonly string[]): string {
  const beside = captured.find((name) => name.startsWith('.'))
  if (beside !== undefined)
    return `it imports ${beside}, which would be looked for beside another file there. Put the function into a module and name it with functionsIn(new URL('./work.ts', import.meta.url)), or import a package.`
  return `it uses ${captured.join(', ')} from around it, and there ${captured.length === 1 ? 'that does' : 'those do'} not exist. Declare what it needs inside of it (a dynamic import will do), pass it with the items, or put the function into a module and name it with functionsIn(new URL('./work.ts', import.meta.url)).`
}

/** In the other isolate. `load` imports a module. Strict mode, as in the module that it came from. */
export async function functionOf(
  source: FunctionSource,
  load: (module: string) => Promise<Readonly<Record<string, unknown>>>,
): Promise<(...args: readonly unknown[]) => unknown> {
  const fn =
    'text' in source
      ? new Function(...Object.keys(HELPERS), `'use strict'; return (${source.text}\n)`)(...Object.values(HELPERS))
      : (await load(source.module))[source.name]
  if (typeof fn !== 'function')
    throw new NotPortableError(source.name, `${'module' in source ? source.module : 'its text'} exports no function of that name.`)
  return fn as (...args: readonly unknown[]) => unknown
}
