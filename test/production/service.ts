import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Project, packaged, project } from '../bundler/project.ts'
import { type Ended, root } from '../docs/programs.ts'

const RUNTIME = join(root, 'packages/runtime')

/** Two actors, one of which starts the other, by the class and by the lean form, and what the service prints of them. */
const FILES = {
  'package.json': '{ "type": "module" }',
  'src/counter.ts': `import { Actor } from '@troupe/runtime'
import { shout } from 'shouter'

export enum Step { One = 1 }

export class Counter extends Actor {
  static readonly module = import.meta.url
  constructor(private total: number) { super() }
  add(n: number): string { return shout(\`total \${(this.total += n * Step.One)}\`) }
  fail(): never {
    throw new Error('from counter.ts')
  }
}
`,
  'src/manager.ts': `import { Actor, actorsIn } from '@troupe/runtime'
import { Counter } from './counter.ts'

const { Helper } = actorsIn<typeof import('./helper.ts')>(new URL('./helper.ts', import.meta.url))

export class Manager extends Actor {
  async work(): Promise<string[]> {
    const counter = await this.context.spawn(Counter, { args: [10] })
    const helper = await this.context.spawn(Helper)
    return [await counter.ask.add(1), await helper.ask.help()]
  }
}
`,
  'src/helper.ts': `import { Actor } from '@troupe/runtime'
export class Helper extends Actor {
  help(): string { return 'helped' }
}
`,
  ...packaged('shouter', { type: 'module', exports: './index.js' }, { 'index.js': 'export const shout = (text) => text + "!"' }),
}

/** JavaScript, too, but for the module that it imports: Node 20 runs the unbundled one. */
function main(options: string): string {
  return `import { ActorSystem, actorsIn } from '@troupe/runtime'
async function run() {
  const { Manager } = actorsIn(new URL('./manager.ts', import.meta.url))
  const { Counter } = actorsIn(new URL('./counter.ts', import.meta.url))
  const system = await ActorSystem.start({ name: 'service'${options} })
  console.log(...(await (await system.spawn(Manager)).ask.work()))
  const counter = await system.spawn(Counter, { args: [1] })
  console.log(await counter.ask.add(1))
  await counter.ask.fail().catch((error) => console.log(/counter\\.ts:\\d+:\\d+/.exec(error.stack)?.[0]))
  await system.stop()
}
void run()
`
}

/** What the service prints, wherever and however it was built. */
export const OUTPUT = 'total 11! helped\ntotal 2!\ncounter.ts:11:11\n'

/** `runtime`: a link to it, as a package manager makes one; or a copy of what it publishes, without its dependencies. */
export function service(file: string, runtime: 'link' | 'copy', options = ''): Project {
  const made = project({ ...FILES, [file]: main(options) })
  const to = made.path('node_modules/@troupe/runtime')
  mkdirSync(made.path('node_modules/@troupe'), { recursive: true })
  if (runtime === 'link') symlinkSync(RUNTIME, to)
  else for (const part of ['package.json', 'dist']) cpSync(join(RUNTIME, part), join(to, part), { recursive: true })
  return made
}

export function node(folder: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((done, failed) => {
    const { NODE_OPTIONS: _, FORCE_COLOR: __, ...env } = process.env
    const child = spawn(process.execPath, args, { cwd: folder, env: { ...env, NO_COLOR: '1' } })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', failed)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

export function script(name: string): string {
  return join(root, 'test/production/scripts', name)
}

export const TROUPE = join(RUNTIME, 'bin/troupe.mjs')
