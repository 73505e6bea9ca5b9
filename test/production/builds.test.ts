import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { node, OUTPUT, script, service, TROUPE } from './service.ts'

/** Every file and folder with the time of its last change. */
function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`)
}

function setWritable(folder: string, isWritable: boolean): void {
  for (const name of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    const { mode } = statSync(join(folder, name))
    chmodSync(join(folder, name), isWritable ? mode | 0o200 : mode & ~0o222)
  }
}

test('production: troupe build, then a moved, read-only folder without sources and without esbuild', async () => {
  const made = service('src/main.mjs', 'copy', ", bundle: { built: new URL('../dist/actors/', import.meta.url) }")
  const built = await node(made.folder, TROUPE, 'build', 'src')
  expect(built).toMatchObject({ code: 0, stderr: '' })
  expect(built.stdout).toContain('built 3 actors into dist/actors:\n  src/counter.ts → src-counter.mjs')
  for (const name of ['counter', 'manager', 'helper']) rmSync(made.path(`src/${name}.ts`))
  rmSync(made.path('node_modules/shouter'), { recursive: true })
  const moved = `${made.folder}-moved`
  renameSync(made.folder, moved)
  setWritable(moved, false)
  onTestFinished(() => {
    setWritable(moved, true)
    rmSync(moved, { recursive: true })
  })
  const before = everythingIn(moved)
  expect(await node(moved, 'src/main.mjs')).toEqual({ code: 0, stdout: OUTPUT, stderr: '' })
  expect(everythingIn(moved)).toEqual(before)
})

test('production: a plain service, whose actors are bundled when they are started', async () => {
  const made = service('src/main.mjs', 'link')
  expect(await node(made.folder, 'src/main.mjs')).toEqual({ code: 0, stdout: OUTPUT, stderr: '' })
})

test.for(['esm', 'cjs'])('production: a service that esbuild makes one file of, as %s, without node_modules', async (format) => {
  const made = service('src/main.ts', 'link')
  expect(await node(made.folder, script('build-with-esbuild.mjs'), format)).toMatchObject({ code: 0, stdout: '' })
  expect(readdirSync(made.path('dist')).sort()).toEqual(['actors', format === 'cjs' ? 'server.cjs' : 'server.mjs', 'troupe'])
  for (const folder of ['src', 'node_modules']) rmSync(made.path(folder), { recursive: true })
  expect(await node(made.folder, `dist/server.${format === 'cjs' ? 'cjs' : 'mjs'}`)).toMatchObject({ code: 0, stdout: OUTPUT })
})

test('production: a server that Vite builds, with chunks in folders', async () => {
  const made = service('src/main.ts', 'link')
  expect(await node(made.folder, script('build-with-vite.mjs'))).toMatchObject({ code: 0 })
  rmSync(made.path('src'), { recursive: true })
  expect(readdirSync(made.path('dist/server/actors')).sort()).toEqual(
    ['counter', 'helper', 'manager'].flatMap((name) => [`src-${name}.deferred.cjs`, `src-${name}.mjs`]),
  )
  expect(await node(made.folder, 'dist/server/app/main.mjs')).toEqual({ code: 0, stdout: OUTPUT, stderr: '' })
})

test('production: what was not built, and a folder that nobody built, are named', async () => {
  const made = service('src/main.mjs', 'link', ", bundle: { built: new URL('../dist/actors/', import.meta.url) }")
  expect((await node(made.folder, 'src/main.mjs')).stderr).toMatch(/troupe\.json cannot be read there\. Write it: npx troupe build/)
  expect(await node(made.folder, TROUPE, 'build', 'src/counter.ts')).toMatchObject({ code: 0 })
  const { stderr } = await node(made.folder, 'src/main.mjs')
  expect(stderr).toMatch(/src\/manager\.ts is not among the actors that troupe build wrote to \S+dist\/actors\. It has: src\/counter\.ts\./)
})

test('production: a folder that was moved without its service says so, and where it looks for modules', async () => {
  const made = service('src/main.mjs', 'link', ", bundle: { built: new URL('../dist/actors/', import.meta.url) }")
  expect(await node(made.folder, TROUPE, 'build', 'src', '--out', '../built-elsewhere')).toMatchObject({ code: 0 })
  const elsewhere = join(made.folder, '../built-elsewhere')
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }))
  const file = join(elsewhere, 'troupe.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"builtIn": ".*"/, '"builtIn": "file:///ci/"'))
  cpSync(elsewhere, made.path('dist/actors'), { recursive: true })
  const { stderr } = await node(made.folder, 'src/main.mjs')
  expect(stderr).toContain('It has src/manager.ts of another place: by where it lies, modules are named from ')
})

test('production: troupe explain says what an isolate loads; a command that is none says which there are', async () => {
  const made = service('src/main.mjs', 'link')
  const { code, stdout } = await node(made.folder, TROUPE, 'explain', 'src/counter.ts')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^src\/counter\.ts: an isolate loads 2 modules, 0\.\d KB, in \d+ ms\.\n\n\s+0\.\d KB\s+src\/counter\.ts \(1 module\)\n.*shouter/,
  )
  const explained = async (...args: string[]) => (await node(made.folder, TROUPE, 'explain', ...args)).stdout
  expect(await explained()).toMatch(/^which module\? Name the file of one actor\n/)
  expect(await explained('src')).toMatch(/^src is a folder\. Name the file of one actor\n/)
  // Named by mistake, it is not carried out.
  expect(await explained('src/main.mjs')).toBe(
    "src/main.mjs could not be loaded: it starts a system, so it is no module of an actor. Name the file of an actor's class.\n",
  )
  writeFileSync(made.path('src/broken.ts'), 'export class Broken {}\nthrow new Error("at the top")')
  expect(await explained('src/broken.ts')).toBe('src/broken.ts could not be loaded: at the top\n')
  writeFileSync(made.path('src/never.ts'), 'await new Promise(() => {})')
  expect(await explained('src/never.ts')).toMatch(
    /^src\/never\.ts could not be loaded: its thread ended .* a top-level await that does not settle\.\n$/,
  )
  expect(await node(made.folder, TROUPE, '--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  expect(await node(made.folder, TROUPE, 'biuld')).toMatchObject({ code: 2, stdout: expect.stringContaining('troupe build FILE|FOLDER') })
  expect(await node(made.folder, TROUPE, 'build', 'lib')).toMatchObject({ code: 2, stdout: expect.stringContaining('there is no lib') })
})
