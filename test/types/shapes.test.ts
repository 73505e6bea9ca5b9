import { beforeAll, expect, test } from 'vitest'
import { type Fault, faultsOf, RUNTIME } from './compiler.ts'
import { METHOD_SHAPES, METHOD_TYPES, type MethodShape } from './method-shapes.ts'
import { VALUE_SHAPES, VALUE_TYPES, type ValueShape } from './value-shapes.ts'

// Each shape is a program of its own, in which somebody calls an actor. What is refused is refused where the mistake is, and
// in words: the place inside of the value, and why.

const ACTOR = `
import type { ActorHooks } from '${RUNTIME}ref/message-name.ts'
import type { ActorRef } from '${RUNTIME}ref/ref-types.ts'
declare abstract class Actor implements ActorHooks { get context(): unknown; onStart?(): void; inherited(n: number): unknown }
`

/** `take(value)` is on a line of its own, and so is `give()`. */
function valueProgram(type: string): string {
  return `${ACTOR}${VALUE_TYPES}
declare class Taker extends Actor { take(first: number, value: ${type}): void; give(): ${type} }
declare const ref: ActorRef<Taker>
declare const value: ${type}
ref.ask.take(1, value)
ref.ask.give()
`
}

function methodProgram({ members, call }: MethodShape): string {
  return `${ACTOR}${METHOD_TYPES}
import type { Callback, Queue } from '${RUNTIME}index.ts'
declare class Tried extends Actor { ${members.replaceAll(/\basync /g, '')} }
declare class Box<T> extends Actor { set(value: T): void; get(): T }
declare const ref: ActorRef<Tried>
${call}
export {}
`
}

const values = Object.entries(VALUE_SHAPES)
const methods = Object.entries(METHOD_SHAPES)
const programs = [...values.map(([, shape]) => valueProgram(typeOf(shape))), ...methods.map(([, shape]) => methodProgram(shape))]
let faults: readonly Fault[][] = []
beforeAll(() => {
  faults = faultsOf(programs)
})

test('at least 60 shapes are tried, and both what crosses and what does not', () => {
  const refused = values.filter(([, shape]) => typeof shape !== 'string').length + methods.filter(([, shape]) => shape.refused).length
  expect(programs.length).toBeGreaterThanOrEqual(60)
  expect(refused).toBeGreaterThanOrEqual(40)
  expect(programs.length - refused).toBeGreaterThanOrEqual(40)
})

test.each(values.map(([name, shape], index) => [name, shape, index] as const))('as an argument and as a result: %s', (_, shape, index) => {
  if (typeof shape === 'string') return expect(faults[index]).toEqual([])
  const [where, why] = shape[1]
  const [argument, result, ...others] = faults[index]!
  expect(others).toEqual([])
  // The argument itself is what the compiler points to, with the path in it in words of its own.
  expect(textAt(index, argument!)).toMatch(/^value\)/)
  expect(argument!.texts.join('\n')).toContain(`"${why}"`)
  for (const name of where.match(/\w+/g)?.filter((word) => where.includes(`.${word}`)) ?? []) {
    expect(argument!.texts.join('\n')).toMatch(new RegExp(`'[^']*\\b${name}\\b[^']*'`))
  }
  expect(textAt(index, result!)).toMatch(/^give\(\)/)
  expect(result!.texts.join('\n')).toContain(`'NotSendable<"give(): the result${where}: ${why}">'`)
})

test.each(methods.map(([name, shape], index) => [name, shape, values.length + index] as const))('%s', (_, { refused }, index) => {
  if (refused === undefined) return expect(faults[index]).toEqual([])
  const [fault, ...others] = faults[index]!
  expect(others).toEqual([])
  expect(textAt(index, fault!)).toContain(refused[0])
  expect(fault!.texts.join('\n')).toContain(refused[1])
})

function typeOf(shape: ValueShape): string {
  return typeof shape === 'string' ? shape : shape[0]
}

function textAt(index: number, { line, column }: Fault): string {
  return programs[index]!.split('\n')[line - 1]!.slice(column - 1)
}
