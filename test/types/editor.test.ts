import { afterAll, beforeAll, expect, test } from 'vitest'
import { programFolder, RUNTIME } from './compiler.ts'
import { LanguageServer, type Place, type Position } from './language-server.ts'

// Refs are mapped types, and an editor must see through them: from a call to the class's method, and back when it is renamed.
// Asked is the language server of the pinned TypeScript, as an editor asks it.

const COUNTER = `
import { Actor } from '${RUNTIME}index.ts'
export class Base extends Actor { inherited(): number { return 1 } }
export class Counter extends Base {
  static readonly module = import.meta.url
  total = 0
  #hidden = 0
  private secret(): number { return this.#hidden }
  get last(): number { return this.secret() }
  override onStart(): void {}
  add(n: number): number { return (this.total += n) }
  async find(by: number): Promise<number>
  async find(by: string): Promise<string>
  async find(by: number | string): Promise<number | string> { return by }
  async *each(): AsyncGenerator<number> { yield this.total }
}
`

const MAIN = `
import { actorsIn, type ActorRef, ActorSystem } from '${RUNTIME}index.ts'
import { Counter } from './counter.ts'
declare const system: ActorSystem
const ref = await system.spawn(Counter)
await ref.ask.add(1)
await ref.ask({ timeoutMs: 2 }).add(2)
ref.askSync.add(3)
ref.tell.add(4)
await ref.tell({ whenFull: 'wait' }).add(5)
const { add } = ref.ask
await ref.ask.find('6')
for await (const n of ref.ask.each()) void n
await ref.ask.inherited()
const lean = actorsIn<typeof import('./counter.ts')>(new URL('./counter.ts', import.meta.url))
const other: ActorRef<Counter> = await system.spawn(lean.Counter)
await other.ask.add(7)
void add
`

const CALLS = ['ask.add(1)', '}).add(2)', 'askSync.add(3)', 'tell.add(4)', '}).add(5)', '{ add } = ref', 'other.ask.add(7)']
const METHODS = ['add', 'each', 'find', 'inherited']

const folder = programFolder({ 'counter.ts': COUNTER, 'main.ts': MAIN })
let server: LanguageServer
beforeAll(async () => {
  server = await LanguageServer.start(folder.path, ['main.ts', 'counter.ts'])
})
afterAll(async () => {
  await server.stop()
  folder.remove()
})

test.each(CALLS)('go to definition leads from %s to the method of the class, in its file', async (call) => {
  const places = await server.about<Place[] | Place>('definition', 'main.ts', nameIn(MAIN, call, 'add'))
  const lines = [places].flat().map(({ uri, range }) => [server.fileOf(uri), COUNTER.split('\n')[range.start.line]])
  expect(lines).toContainEqual(['counter.ts', '  add(n: number): number { return (this.total += n) }'])
})

test.each([
  ['find', 3],
  ['each', 1],
  ['inherited', 1],
])('… and so for %s(): overloads, streams, what is inherited', async (name, declarations) => {
  const places = await server.about<Place[]>('definition', 'main.ts', nameIn(MAIN, `ask.${name}(`, name))
  const lines = [places].flat().map(({ uri, range }) => [server.fileOf(uri), COUNTER.split('\n')[range.start.line]])
  expect(lines.length).toBeGreaterThanOrEqual(1)
  expect(lines.length).toBeLessThanOrEqual(declarations)
  for (const line of lines) expect(line).toEqual(['counter.ts', expect.stringContaining(`${name}(`)])
})

test.each([
  ['of the class', 'counter.ts', COUNTER, '  add(n'],
  ['through a ref', 'main.ts', MAIN, 'ask.add(1)'],
])('rename %s renames the method and every call through a ref', async (_, file, text, at) => {
  const edit = await server.about<Edit>('rename', file, nameIn(text, at, 'add'), { newName: 'plus' })
  const edited = applied(edit)
  expect(edited['counter.ts']).toBe(COUNTER.replace('add(n', 'plus(n'))
  expect(edited['main.ts']).toBe(MAIN.replaceAll(/\badd\((?=\d)/g, 'plus(').replace('{ add }', '{ plus: add }'))
})

test.each(['ask', 'tell', 'askSync', 'ask({ timeoutMs: 2 })'])(
  'completion after ref.%s. lists the messages, and no field, hook or private method',
  async (methods) => {
    const text = `${MAIN}\nref.${methods}.`
    server.change('main.ts', text)
    const lines = text.split('\n')
    const { items } = await server.about<{ items: { label: string }[] }>('completion', 'main.ts', {
      line: lines.length - 1,
      character: lines.at(-1)!.length,
    })
    const labels = items.map(({ label }) => label)
    expect(labels).toEqual(expect.arrayContaining(METHODS))
    for (const name of ['total', 'last', 'secret', '#hidden', 'onStart', 'onStop', 'context', 'module']) expect(labels).not.toContain(name)
    server.change('main.ts', MAIN)
  },
)

interface Edit {
  readonly changes?: Record<string, TextEdit[]>
  readonly documentChanges?: { textDocument: { uri: string }; edits: TextEdit[] }[]
}
interface TextEdit {
  readonly range: Place['range']
  readonly newText: string
}

/** The files as they are after it. */
function applied({ changes, documentChanges }: Edit): Record<string, string> {
  const all = Object.entries(changes ?? Object.fromEntries(documentChanges!.map(({ textDocument, edits }) => [textDocument.uri, edits])))
  const texts: Record<string, string> = { 'counter.ts': COUNTER, 'main.ts': MAIN }
  return Object.fromEntries(all.map(([uri, edits]) => [server.fileOf(uri), edit(texts[server.fileOf(uri)]!, edits)]))
}

/** From the end on, so that what is before stays where it is. */
function edit(text: string, edits: readonly TextEdit[]): string {
  const starts = text.split('\n').map((_, line, lines) => lines.slice(0, line).join('\n').length + (line === 0 ? 0 : 1))
  const at = ({ line, character }: Position): number => starts[line]! + character
  return edits
    .toSorted((a, b) => at(b.range.start) - at(a.range.start))
    .reduce((done, { range, newText }) => done.slice(0, at(range.start)) + newText + done.slice(at(range.end)), text)
}

/** Where a name begins, inside of a piece of text that is there once. */
function nameIn(text: string, piece: string, name: string): Position {
  const at = text.indexOf(piece) + piece.indexOf(name)
  const before = text.slice(0, at).split('\n')
  return { line: before.length - 1, character: before.at(-1)!.length }
}
