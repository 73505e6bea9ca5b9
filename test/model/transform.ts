import { type AnyNode, type Node, parse } from 'acorn'

/**
 * Turns JavaScript that uses `Atomics` into the same code as generators that stop before an atomic operation. A function
 * becomes one when it reaches an atomic operation, by the names of what it calls; calls whose name is shared with
 * something plain (`push`, `free`) decide when they run. Reads and writes of `a[b]` go through `$get` and `$set`, so that
 * plain accesses to shared memory are seen. What is supported is what the code under test uses; the rest throws.
 */

type Fn = {
  readonly node: Extract<AnyNode, { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }>
  readonly name: string | undefined
  readonly parent: AnyNode | undefined
  readonly within: Fn | undefined
  readonly ofClass: readonly string[]
  stops: boolean
}

const EFFECTS = new Set(['Atomics', '$model'])
const HELPERS = new Set(['filter', 'forEach', 'some', 'every', 'find', 'findIndex', 'map', 'flatMap'])

export function transform(source: string): string {
  return new Transformation(source).text
}

class Transformation {
  readonly text: string
  readonly #source: string
  readonly #parents = new Map<AnyNode, AnyNode>()
  readonly #owners = new Map<AnyNode, Fn | undefined>()
  readonly #functions = new Map<AnyNode, Fn>()
  readonly #names: ReadonlySet<string>
  readonly #seam: ReadonlyMap<string, string>

  constructor(source: string) {
    this.#source = source
    const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module' }) as AnyNode
    this.#survey(program, undefined, undefined)
    this.#names = this.#spread()
    this.#seam = this.#seamOf()
    this.text = this.#emit(program)
  }

  #survey(node: AnyNode, parent: AnyNode | undefined, within: Fn | undefined): void {
    if (parent !== undefined) this.#parents.set(node, parent)
    this.#owners.set(node, within)
    let inner = within
    if (isFunction(node)) {
      inner = { node, name: this.#nameOf(node, parent), parent, within, ofClass: this.#classesOf(parent), stops: false }
      this.#functions.set(node, inner)
    }
    for (const child of this.#childrenOf(node)) this.#survey(child, node, inner)
  }

  #nameOf(node: AnyNode, parent: AnyNode | undefined): string | undefined {
    if (node.type === 'FunctionDeclaration') return node.id?.name
    if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name
    if (parent?.type === 'MethodDefinition') return parent.kind === 'constructor' ? undefined : `.${keyOf(parent.key)}`
    if (parent?.type === 'Property' || parent?.type === 'PropertyDefinition') return `.${keyOf(parent.key)}`
    return undefined
  }

  /** The names by which the class of a constructor is known. */
  #classesOf(parent: AnyNode | undefined): string[] {
    if (parent?.type !== 'MethodDefinition' || parent.kind !== 'constructor') return []
    const body = this.#parents.get(parent)!
    const owner = this.#parents.get(body) as Extract<AnyNode, { type: 'ClassExpression' }>
    const holder = this.#parents.get(owner)
    const held = holder?.type === 'VariableDeclarator' && holder.id.type === 'Identifier' ? [holder.id.name] : []
    return [...(owner.id ? [owner.id.name] : []), ...held]
  }

  /** Names of all that stops: found until nothing new is found. */
  #spread(): Set<string> {
    const found = new Set<string>()
    for (let isNew = true; isNew; ) {
      isNew = false
      for (const [node, owner] of this.#owners) {
        if (!this.#isEffect(node, found)) continue
        for (let fn = owner; fn !== undefined && !fn.stops; fn = this.#isCallback(fn) ? fn.within : undefined) {
          fn.stops = isNew = true
          if (fn.name !== undefined) found.add(fn.name)
          for (const name of fn.ofClass) found.add(`new ${name}`)
        }
      }
    }
    return found
  }

  /** Functions that only call an operation with what they are given: calls of these are replaced by the operation, for speed. */
  #seamOf(): Map<string, string> {
    const found = new Map<string, string>()
    for (const { node, name } of this.#functions.values()) {
      if (node.type !== 'FunctionDeclaration' || node.body.body.length !== 1) continue
      const text = node.params.map((param) => this.#source.slice(param.start, param.end)).join(', ')
      const body = this.#source.slice(node.body.start, node.body.end)
      const match = /^\{\s*(?:return )?Atomics\.(\w+)\(([^()]*)\);?\s*\}$/.exec(body)
      if (match !== null && match[1] !== 'wait' && match[2] === text && name !== undefined) found.set(name, match[1]!)
    }
    return found
  }

  #isEffect(node: AnyNode, found: ReadonlySet<string>): boolean {
    if (this.#isPrimitive(node)) return true
    if (node.type === 'NewExpression') return node.callee.type === 'Identifier' && found.has(`new ${node.callee.name}`)
    if (node.type !== 'CallExpression') return false
    if (node.callee.type === 'Identifier') return found.has(node.callee.name)
    return node.callee.type === 'MemberExpression' && !node.callee.computed && found.has(`.${keyOf(node.callee.property)}`)
  }

  /** An operation of the model, or a look at the size of memory that may grow. */
  #isPrimitive(node: AnyNode): boolean {
    if (node.type === 'MemberExpression' && !node.computed) return keyOf(node.property) === 'byteLength'
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || node.callee.computed) return false
    return (node.callee.object.type === 'Identifier' && EFFECTS.has(node.callee.object.name)) || keyOf(node.callee.property) === 'grow'
  }

  /** The function argument of `filter` and the like: it runs within the call. */
  #isCallback(fn: Fn): boolean {
    const call = fn.parent
    return call?.type === 'CallExpression' && call.callee.type === 'MemberExpression' && HELPERS.has(keyOf(call.callee.property))
  }

  #emit(node: AnyNode): string {
    const owner = this.#owners.get(node)
    if (node.type === 'ExportNamedDeclaration') {
      const pairs = node.specifiers.map(({ local, exported }) => `${keyOf(exported as AnyNode)}: ${keyOf(local as AnyNode)}`)
      return `return { ${pairs.join(', ')} }`
    }
    // Private members become public ones, so that the model can compare what a thread remembers.
    if (node.type === 'PrivateIdentifier') return `$$${node.name}`
    if (isFunction(node) && this.#functions.get(node)!.stops) return this.#emitFunction(this.#functions.get(node)!)
    if (node.type === 'MethodDefinition' && this.#functions.get(node.value as AnyNode)!.stops) return this.#emitMethod(node)
    if (node.type === 'Property' && node.method && this.#functions.get(node.value as AnyNode)!.stops)
      return `*${this.#slice(node, node.key.start, node.value.start)}${this.#params(node.value as AnyNode)}`
    if (node.type === 'YieldExpression') return this.#emitYield(node, owner)
    if (node.type === 'SpreadElement' && this.#isGeneratorCall(node.argument)) return `...(yield* $all(${this.#part(node.argument)}))`
    if (node.type === 'VariableDeclarator' && this.#isGeneratorCall(node.init) && node.id.type === 'ArrayPattern')
      return `${this.#part(node.id)} = yield* $some(${this.#part(node.init!)}, ${node.id.elements.length})`
    if (node.type === 'ForOfStatement' && this.#isGeneratorCall(node.right)) return this.#emitForOf(node)
    if (this.#isPrimitive(node)) return this.#emitPrimitive(node)
    if (node.type === 'CallExpression' && this.#hasStoppingCallback(node)) {
      const { object, property } = node.callee as Extract<AnyNode, { type: 'MemberExpression' }>
      return `(yield* $each.${keyOf(property as AnyNode)}(${this.#part(object)}, ${this.#part(node.arguments[0]!)}))`
    }
    if (this.#isEffect(node, this.#names)) return this.#emitCall(node as Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' }>)
    if (node.type === 'AssignmentExpression' && isComputed(node.left)) return this.#emitSet(node)
    if (node.type === 'UpdateExpression' && isComputed(node.argument))
      throw new Error(`not supported: ${this.#source.slice(node.start, node.end)}`)
    if (isComputed(node)) {
      const { object, property } = node as Extract<AnyNode, { type: 'MemberExpression' }>
      return `$get(${this.#part(object)}, ${this.#part(property)})`
    }
    return this.#slice(node, node.start, node.end)
  }

  #hasStoppingCallback({ arguments: [first] }: Extract<AnyNode, { type: 'CallExpression' }>): boolean {
    const fn = first === undefined ? undefined : this.#functions.get(first as AnyNode)
    return fn?.stops === true && this.#isCallback(fn)
  }

  #part(node: Node): string {
    return this.#emit(node as AnyNode)
  }

  /** Source text of a node from one position to another, with all nodes in it emitted. */
  #slice(node: AnyNode, from: number, to: number): string {
    let text = ''
    let at = from
    for (const child of this.#childrenOf(node)) {
      if (child.start < from || child.end > to) continue
      text += this.#source.slice(at, child.start) + this.#emit(child)
      at = child.end
    }
    return text + this.#source.slice(at, to)
  }

  /** Parameters and body of a method's function. */
  #params(node: AnyNode): string {
    return this.#slice(node, node.start, node.end)
  }

  #emitFunction({ node, parent }: Fn): string {
    if (node.type === 'FunctionDeclaration') return this.#slice(node, node.start, node.end).replace(/^function\s*\*?/, 'function* ')
    if (node.type !== 'ArrowFunctionExpression') throw new Error(`not supported: ${parent?.type} of a function`)
    const list = node.params.map((param) => this.#part(param)).join(', ')
    const body = node.body.type === 'BlockStatement' ? this.#part(node.body) : `{ return (${this.#part(node.body)}) }`
    return `(function* (${list}) ${body}).bind(this)`
  }

  #emitMethod(node: Extract<AnyNode, { type: 'MethodDefinition' }>): string {
    if (node.kind === 'constructor') return `*$init${this.#params(node.value as AnyNode)}`
    if (node.kind !== 'method') throw new Error(`not supported: a ${node.kind} that stops`)
    return `${node.static ? 'static ' : ''}*${this.#slice(node, node.key.start, node.key.end)}${this.#params(node.value as AnyNode)}`
  }

  #emitYield(node: Extract<AnyNode, { type: 'YieldExpression' }>, owner: Fn | undefined): string {
    if (!owner?.stops) return this.#slice(node, node.start, node.end)
    if (node.delegate) throw new Error('not supported: yield* in a generator that stops')
    return `yield { value: ${this.#part(node.argument!)} }`
  }

  #emitForOf(node: Extract<AnyNode, { type: 'ForOfStatement' }>): string {
    const left = node.left as Extract<AnyNode, { type: 'VariableDeclaration' }>
    const pattern = this.#part(left.declarations[0]!.id)
    return `for (let $i = ${this.#part(node.right)}, $n; ($n = yield* $next($i)) !== undefined; ) { ${left.kind} ${pattern} = $n.value; ${this.#part(node.body)} }`
  }

  #isGeneratorCall(node: Node | null | undefined): boolean {
    const call = node as AnyNode | null | undefined
    if (call?.type !== 'CallExpression') return false
    const name = call.callee.type === 'Identifier' ? call.callee.name : `.${keyOf((call.callee as { property: AnyNode }).property)}`
    return [...this.#functions.values()].some((fn) => fn.stops && fn.name === name && fn.node.generator)
  }

  #emitPrimitive(node: AnyNode): string {
    if (node.type === 'MemberExpression') return `($op.byteLength(${this.#part(node.object)}) && (yield), $op.finish())`
    const { callee, arguments: list } = node as Extract<AnyNode, { type: 'CallExpression' }>
    const { object, property } = callee as Extract<AnyNode, { type: 'MemberExpression' }>
    const isGrow = keyOf(property as AnyNode) === 'grow'
    if (keyOf(property as AnyNode) === 'wait') return `(yield* $wait(${list.map((value) => this.#part(value)).join(', ')}))`
    const values = [...(isGrow ? [object] : []), ...list].map((value) => this.#part(value)).join(', ')
    return `($op.${keyOf(property as AnyNode)}(${values}) && (yield), $op.finish())`
  }

  #emitCall(node: Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' }>): string {
    const list = node.arguments.map((value) => this.#part(value))
    // Where a thread is belongs to what it knows.
    if (node.callee.type === 'Identifier' && node.callee.name === 'remember') list.unshift(String(node.start))
    if (node.type === 'NewExpression') return `(yield* $new(${this.#part(node.callee)}, [${list.join(', ')}]))`
    if (this.#isGeneratorCall(node)) return `${this.#part(node.callee)}(${list.join(', ')})`
    const operation = node.callee.type === 'Identifier' ? this.#seam.get(node.callee.name) : undefined
    if (operation !== undefined) return `($op.${operation}(${list.join(', ')}) && (yield), $op.finish())`
    if (this.#isOneGenerator(node.callee)) return `(yield* ${this.#part(node.callee)}(${list.join(', ')}))`
    if (node.callee.type === 'Identifier') return `(yield* $run(${node.callee.name}(${list.join(', ')})))`
    return `(yield* $run(${this.#slice(node, node.start, node.end)}))`
  }

  /** Whether a call is sure to give a generator: what can be called by that name is known, and all of it stops. */
  #isOneGenerator(callee: Node): boolean {
    const node = callee as AnyNode
    const isPrivate = node.type === 'MemberExpression' && node.property.type === 'PrivateIdentifier'
    if (node.type !== 'Identifier' && !isPrivate) return false
    const name = node.type === 'Identifier' ? node.name : `.${keyOf((node as { property: AnyNode }).property)}`
    const known = [...this.#functions.values()].filter((fn) => fn.name === name)
    return known.length > 0 && known.every((fn) => fn.stops)
  }

  #emitSet(node: Extract<AnyNode, { type: 'AssignmentExpression' }>): string {
    const { object, property } = node.left as Extract<AnyNode, { type: 'MemberExpression' }>
    const place = `${this.#part(object)}, ${this.#part(property)}`
    if (node.operator === '=') return `$set(${place}, ${this.#part(node.right)})`
    // What is evaluated twice must do nothing.
    if (/[(=]|\+\+|--/.test(place)) throw new Error(`not supported: ${this.#source.slice(node.start, node.end)}`)
    return `$set(${place}, $get(${place}) ${node.operator.slice(0, -1)} (${this.#part(node.right)}))`
  }

  #childrenOf(node: AnyNode): AnyNode[] {
    const children: AnyNode[] = []
    for (const [key, value] of Object.entries(node)) {
      if (node.type === 'Property' && node.shorthand && key === 'key') continue
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== null && typeof one === 'object' && typeof one.type === 'string' && typeof one.start === 'number') children.push(one)
      }
    }
    return children.sort((a, b) => a.start - b.start)
  }
}

function isFunction(node: AnyNode): node is Fn['node'] {
  return node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
}

function isComputed(node: Node): boolean {
  const member = node as AnyNode
  return member.type === 'MemberExpression' && member.computed
}

function keyOf(node: AnyNode): string {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'PrivateIdentifier') return `#${node.name}`
  return node.type === 'Literal' ? String(node.value) : '?'
}
