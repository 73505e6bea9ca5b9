import { type Node, parse } from 'acorn'

/**
 * The names that the text of a function uses and does not declare, in the order of their first use; `this`, `super` and
 * `import.meta` count when they would come from outside, and so does what is imported from beside its file. Scopes as in ECMAScript, in strict mode.
 *
 * @throws {SyntaxError} if the text is no function expression (a method's is not, and neither is native code)
 */
export function freeNames(text: string): string[] {
  const program = parse(`(${text}\n)`, { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as Syntax
  const [statement] = program.body as Syntax[]
  const found = new Set<string>()
  if (!/Function/.test((statement?.expression as Syntax | undefined)?.type ?? '')) throw new SyntaxError('it is no function')
  visit(statement!, new Scope(undefined), found)
  return [...found]
}

type Syntax = Node & Record<string, unknown>

class Scope {
  readonly names = new Set<string>()
  readonly #parent: Scope | undefined

  constructor(parent: Scope | undefined, names: Iterable<string> = []) {
    this.#parent = parent
    for (const name of names) this.names.add(name)
  }

  has(name: string): boolean {
    return this.names.has(name) || (this.#parent?.has(name) ?? false)
  }
}

function isImportBeside(node: Syntax): boolean {
  const from = node.type === 'ImportExpression' ? (node.source as Syntax).value : undefined
  return typeof from === 'string' && /^\.\.?\//.test(from)
}

function visit(node: Syntax, scope: Scope, found: Set<string>): void {
  const inner = scopeOf(node, scope)
  if (node.type === 'Identifier') use(node.name as string, inner, found)
  else if (node.type === 'ThisExpression') use('this', inner, found)
  else if (node.type === 'Super') use('super', inner, found)
  else if (isImportBeside(node)) found.add((node.source as Syntax).value as string)
  else if (node.type === 'MetaProperty') {
    if ((node.meta as Syntax).name === 'import') use('import.meta', inner, found)
  } else for (const child of usedChildren(node)) visit(child, inner, found)
}

function use(name: string, scope: Scope, found: Set<string>): void {
  if (!scope.has(name)) found.add(name)
}

/** All but those that are names of properties or labels and not of variables. */
function usedChildren(node: Syntax): Syntax[] {
  const skipped =
    node.computed === true ? '' : { MemberExpression: 'property', Property: 'key', MethodDefinition: 'key' }[node.type as string]
  const isField = node.type === 'PropertyDefinition' && node.computed !== true
  return childrenOf(node, (key) => key !== skipped && key !== 'label' && !(isField && key === 'key'))
}

function childrenOf(node: Syntax, isWanted: (key: string) => boolean = () => true): Syntax[] {
  return Object.entries(node)
    .filter(([key]) => isWanted(key))
    .flatMap(([, value]) => value as Syntax | Syntax[])
    .filter(isSyntax)
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && typeof (value as Syntax).type === 'string'
}

function scopeOf(node: Syntax, scope: Scope): Scope {
  switch (node.type) {
    case 'ArrowFunctionExpression':
      return new Scope(scope, [...namesOf(node.params as Syntax[]), ...hoisted(node.body as Syntax)])
    case 'FunctionExpression':
    case 'FunctionDeclaration': {
      const own = ['this', 'arguments', 'super', ...namesOf(node.id === null ? [] : [node.id as Syntax])]
      return new Scope(scope, [...own, ...namesOf(node.params as Syntax[]), ...hoisted(node.body as Syntax)])
    }
    case 'ClassExpression':
    case 'ClassDeclaration':
      return new Scope(scope, namesOf(node.id === null ? [] : [node.id as Syntax]))
    // Field initialisers and static blocks have a `this` of their own.
    case 'ClassBody':
      return new Scope(scope, ['this', 'super'])
    case 'BlockStatement':
    case 'StaticBlock':
      return new Scope(scope, declaredIn(node.body as Syntax[]))
    case 'SwitchStatement':
      return new Scope(scope, declaredIn((node.cases as Syntax[]).flatMap((one) => one.consequent as Syntax[])))
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      return new Scope(scope, declaredIn([node.init ?? node.left].filter(isSyntax)))
    case 'CatchClause':
      return new Scope(scope, node.param === null ? [] : namesOf([node.param as Syntax]))
    default:
      return scope
  }
}

/** What a block declares for itself. */
function declaredIn(statements: readonly Syntax[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.type === 'VariableDeclaration')
      return namesOf((statement.declarations as Syntax[]).map((declarator) => declarator.id as Syntax))
    return /^(Function|Class)Declaration$/.test(statement.type) ? namesOf([statement.id as Syntax]) : []
  })
}

/** `var` belongs to the whole function. */
function hoisted(node: Syntax): string[] {
  if (/Function|Class/.test(node.type)) return []
  const own = node.type === 'VariableDeclaration' && node.kind === 'var' ? declaredIn([node]) : []
  return [...own, ...childrenOf(node).flatMap(hoisted)]
}

/** The names that patterns bind. */
function namesOf(patterns: readonly Syntax[]): string[] {
  return patterns.flatMap((pattern): string[] => {
    switch (pattern.type) {
      case 'Identifier':
        return [pattern.name as string]
      case 'ObjectPattern':
        return namesOf(pattern.properties as Syntax[])
      case 'Property':
        return namesOf([pattern.value as Syntax])
      case 'ArrayPattern':
        return namesOf((pattern.elements as (Syntax | null)[]).filter((element) => element !== null))
      case 'AssignmentPattern':
        return namesOf([pattern.left as Syntax])
      case 'RestElement':
        return namesOf([pattern.argument as Syntax])
      default:
        return []
    }
  })
}
