import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Actor, actorsIn } from '@troupe/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../docs/programs.ts'
import { collect, eventually, rejection, startSystem } from './scene.ts'

interface Greeter extends Actor {
  greet(): string
  count(): number
}

const actor = (body = '') => `
import { Actor } from '@troupe/runtime'
import { greeting } from './greeting.ts'
${body}
export class Greeter extends Actor {
  #count = (this.context.handedOver as number | undefined) ?? 0
  onUpgrade(): number { return this.#count }
  greet(): string { this.#count++; return greeting }
  count(): number { return this.#count }
}
`
const greeting = (text: string) => `export const greeting: string = '${text}'\n`

/** A folder with an actor and what it imports, to be written over. */
function project(extension = 'ts') {
  mkdirSync(join(root, '.reports'), { recursive: true })
  const folder = mkdtempSync(join(root, '.reports/watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  /** As editors do: the new file takes the place of the old one. */
  const replace = (name: string, text: string): void => {
    write(`${name}~`, text)
    renameSync(join(folder, `${name}~`), join(folder, name))
  }
  write('greeting.ts', greeting('one'))
  write(`greeter.${extension}`, actor())
  const { Greeter } = actorsIn<{ Greeter: new () => Greeter }>(pathToFileURL(join(folder, `greeter.${extension}`)).href)
  return { folder, write, replace, Greeter }
}

test('watch: an actor goes on with a new version when a file that it imports is written, with its state and its ref', async () => {
  const { write, replace, Greeter } = project()
  const system = await startSystem({ watch: true })
  const [ref, other] = await Promise.all([system.spawn(Greeter, { name: 'a' }), system.spawn(Greeter, { name: 'b' })])
  const exits = collect(system, 'exited')
  expect(await ref.ask.greet()).toBe('one')
  write('greeting.ts', greeting('two'))
  await eventually(async () => expect(await ref.ask.greet()).toBe('two'))
  await eventually(async () => expect(await other.ask.greet()).toBe('two'))
  expect(await ref.ask.count()).toBeGreaterThan(1)
  // A file that is put in the place of the old one is followed, too, and the next actor of the module is the newest.
  replace('greeting.ts', greeting('three'))
  await eventually(async () => expect(await ref.ask.greet()).toBe('three'))
  expect(await (await system.spawn(Greeter, { name: 'c' })).ask.greet()).toBe('three')
  expect(exits.every(({ reason, willRestart }) => reason.kind === 'shutdown' && willRestart)).toBe(true)
})

test('watch: what cannot be built is told with file and line, and what does not start with its error; the former version goes on', async () => {
  const { folder, write, Greeter } = project()
  const system = await startSystem({ watch: true })
  const warnings = collect(system, 'warning')
  const ref = await system.spawn(Greeter, { name: 'greeter', restart: 'permanent' })
  write('greeting.ts', `${greeting('two')}\nthat is no TypeScript`)
  await eventually(() => expect(warnings).toHaveLength(1))
  expect(warnings[0]!.text).toContain(`cannot be built, and its actors go on as they are.`)
  expect(warnings[0]!.text).toMatch(/watch-\w+\/greeting\.ts:3:\d+: ERROR: /)
  expect(await ref.ask.greet()).toBe('one')
  // Its next incarnation is what has been built last.
  await system.kill(ref)
  expect(await ref.ask.greet()).toBe('one')
  write('greeting.ts', greeting('two'))
  await eventually(async () => expect(await ref.ask.greet()).toBe('two'))
  write('greeter.ts', actor(`throw new RangeError('broken')`))
  await eventually(() => expect(warnings).toHaveLength(2))
  expect(warnings[1]!.text).toMatch(/^watch: \/user\/greeter was not upgraded/)
  expect(warnings[1]!.text).toContain(`${join(folder, 'greeter.ts')}:4:7`)
  expect(await ref.ask.greet()).toBe('two')
  // A file that is missing is looked for where it was imported from.
  write('greeter.ts', actor(`import './missing.ts'`))
  await eventually(() => expect(warnings).toHaveLength(3))
  write('greeting.ts', greeting('three'))
  write('missing.ts', '')
  await eventually(async () => expect(await ref.ask.greet()).toBe('three'))
})

test('watch: an actor in JavaScript is bundled, so that it is followed as well', async () => {
  const { write, Greeter } = project('js')
  write('greeting.ts', greeting('one'))
  write('greeter.js', actor().replaceAll(/: number|: string| as number \| undefined/g, ''))
  const system = await startSystem({ watch: true })
  const ref = await system.spawn(Greeter)
  expect(await ref.ask.greet()).toBe('one')
  write('greeting.ts', greeting('two'))
  await eventually(async () => expect(await ref.ask.greet()).toBe('two'))
})

test('watch: without sources there is nothing to be followed', async () => {
  expect((await rejection(startSystem({ watch: true, bundle: { built: '/nowhere' } }))).message).toContain('watch follows sources')
  expect((await rejection(startSystem({ watch: 1 as never }))).message).toBe('watch must be true or false, and is 1.')
})
