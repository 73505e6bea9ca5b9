import { isPlainKey } from './plain.ts'

/**
 * The keys of objects as numbers that all threads of a system agree on, so that a message carries `{ id, name }` as one
 * number and two values. Append-only and outside of all isolates: a number means the same before and after any restart or
 * upgrade (D9). The arena holds it.
 */
export interface ShapeTable {
  /** 0: the table is full, or the keys are too long for it. */
  idOf(keys: readonly string[]): number
  /** Undefined for a number that nobody has published: only nonsense in a lane has one. */
  keysOf(id: number): readonly string[] | undefined
}

/** Objects with more keys than this are taken for dictionaries. */
export const SHAPE_KEYS_MAX = 24
/** So often must an object with these keys have been sent before they get a number: a dictionary's keys come once. */
const USES_MIN = 4
/** Of the tree of keys that have been seen. When it is full it begins anew: what has a number finds it again. */
const NODES_MAX = 4_096

/** A place in the tree of keys: what has been read of an object's keys so far. */
export class ShapeNode {
  /** From the first key to this one. */
  readonly keys: readonly string[]
  /** The key that came next the last time, and where it leads: objects of one kind come in rows. */
  nextKey = ''
  next: ShapeNode | undefined
  others: Map<string, ShapeNode> | undefined
  /** The number of `keys`; 0: none yet; −1: there will be none. */
  id = 0
  uses = 0
  constructor(keys: readonly string[]) {
    this.keys = keys
  }
}

/** One thread's way from the keys of an object to their number. */
export class ShapeTree {
  readonly #table: ShapeTable
  #root = new ShapeNode([])
  #nodes = 1

  constructor(table: ShapeTable) {
    this.#table = table
  }

  /** Undefined: too many keys, or one that cannot be sent as it is. */
  find(object: object): ShapeNode | undefined {
    let node = this.#root
    for (const key in object) {
      if (node.nextKey === key && node.next !== undefined) node = node.next
      else {
        const next = this.#step(node, key)
        if (next === undefined) return undefined
        node = next
      }
    }
    return node
  }

  /** 0: it has none, and its keys travel with it. */
  idOf(node: ShapeNode): number {
    if (node.id !== 0) return Math.max(0, node.id)
    if (++node.uses < USES_MIN || node.keys.length === 0) return 0
    const id = this.#table.idOf(node.keys)
    node.id = id === 0 ? -1 : id
    return id
  }

  #step(node: ShapeNode, key: string): ShapeNode | undefined {
    let next = node.others?.get(key)
    if (next === undefined) {
      if (node.keys.length === SHAPE_KEYS_MAX || !isPlainKey(key, node.keys.length)) return undefined
      if (++this.#nodes > NODES_MAX) this.#forget()
      next = new ShapeNode([...node.keys, key])
      node.others ??= new Map()
      node.others.set(key, next)
    }
    node.nextKey = key
    node.next = next
    return next
  }

  #forget(): void {
    this.#root = new ShapeNode([])
    this.#nodes = 1
  }
}

/** Makes an object with given keys from the values that a reader gives one after the other. */
export type ShapeMaker = (reader: { value(): unknown }) => object

/**
 * A function made from text builds the object as a literal does, in a tenth of the time that assigning takes. Keys are
 * quoted, so nothing but a key can come of them; where a process forbids such functions, they are assigned.
 */
export function shapeMaker(keys: readonly string[]): ShapeMaker {
  try {
    const fields = keys.map((key) => `${JSON.stringify(key)}: reader.value()`).join(', ')
    return new Function('reader', `return { ${fields} }`) as ShapeMaker
  } catch {
    // EvalError: --disallow-code-generation-from-strings.
  }
  return (reader) => {
    const object: Record<string, unknown> = {}
    for (const key of keys) object[key] = reader.value()
    return object
  }
}
