import type { Machine } from './machine.ts'
import { ModelError } from './model-error.ts'
import * as O from './operation.ts'
import { Memory, View } from './shared-memory.ts'
import { SIGNAL_WORDS, SIZE_WORD, STATUS_WORDS } from './words.ts'

const FINISHED = 1

/** The global names that the transformed code sees instead of the real ones. */
export function globalsOf(machine: Machine): Record<string, unknown> {
  const { processor } = machine
  const viewOf = (isBytes: boolean, real: typeof Int32Array | typeof Uint8Array) => {
    function view(memory: unknown, byteOffset: number, length: number): unknown {
      if (!(memory instanceof Memory)) return new real(memory as number)
      const size = isBytes ? 1 : 4
      if (byteOffset + length * size > processor.words.get(SIZE_WORD)) throw new ModelError('a view beyond the memory')
      return new View(processor, byteOffset / size, length, isBytes)
    }
    return Object.assign(view, { from: real.from.bind(real) })
  }
  return {
    $op: operationsOf(machine),
    $get: (from: unknown, at: number) =>
      from instanceof View ? processor.getPlain(from, at) : from == null ? undefined : (from as number[])[at],
    $set: (to: unknown, at: number, value: number) => {
      if (to instanceof View) processor.setPlain(to, at, value)
      else (to as number[])[at] = value
      return value
    },
    Int32Array: viewOf(false, Int32Array),
    Uint8Array: viewOf(true, Uint8Array),
    SharedArrayBuffer: function shared(bytes: number, options: { readonly maxByteLength: number }) {
      processor.words.put(SIZE_WORD, bytes)
      return new Memory(options)
    },
  }
}

/** What the transformed code calls before each operation. True: it must stop there first. */
function operationsOf(machine: Machine): Record<string, unknown> {
  const { processor } = machine
  return {
    load: (view: View, at: number) => processor.plan(O.LOAD, view.base + at),
    show: (view: View, at: number, value: number) => processor.show(view.base + at, value | 0),
    store: (view: View, at: number, value: number) => processor.plan(O.STORE, view.base + at, value | 0),
    compareExchange: (view: View, at: number, expected: number, value: number) =>
      processor.plan(O.CAS, view.base + at, expected | 0, value | 0),
    exchange: (view: View, at: number, value: number) => processor.plan(O.EXCHANGE, view.base + at, value | 0),
    add: (view: View, at: number, value: number) => processor.plan(O.ADD, view.base + at, value | 0),
    or: (view: View, at: number, value: number) => processor.plan(O.OR, view.base + at, value | 0),
    notify: (view: View, at: number, count = Number.POSITIVE_INFINITY) => processor.plan(O.NOTIFY, view.base + at, count),
    waitAsync: (view: View, at: number, expected: number) => processor.plan(O.WAIT_ASYNC, view.base + at, expected),
    wait: (view: View, at: number, expected: number) => processor.plan(O.WAIT_SYNC, view.base + at, expected),
    byteLength: (memory: Memory | { readonly byteLength: number }) => {
      if (!(memory instanceof Memory)) throw new ModelError('the size of something that is not shared')
      processor.current.memory = memory
      return processor.plan(O.LOAD, SIZE_WORD)
    },
    grow: (memory: Memory, bytes: number) => {
      processor.current.memory = memory
      return processor.plan(O.GROW, SIZE_WORD, bytes)
    },
    end: () => processor.plan(O.END, STATUS_WORDS + processor.current.id, FINISHED),
    signal: (signal: number) => processor.plan(O.STORE, SIGNAL_WORDS + signal, 1),
    untilSignal: (signal: number) => processor.plan(O.UNTIL, SIGNAL_WORDS + signal),
    untilOver: (name: string) => processor.plan(O.UNTIL, STATUS_WORDS + machine.threads.findIndex((thread) => thread.name === name)),
    remember: (...values: unknown[]) => processor.remember(values),
    log: (...facts: number[]) => processor.log(facts),
    sleep: () => processor.plan(O.SLEEP, 0),
    blocked: () => processor.plan(O.BLOCKED, 0),
    finish: () => processor.finishOperation(),
  }
}
