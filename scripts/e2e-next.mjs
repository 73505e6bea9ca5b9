// npm run e2e:next: a route handler of Next that asks an actor, built and served as in production; then once more with what
// `troupe build` wrote, without the actor's source and without esbuild. Not part of the tests: it installs Next.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './build.mjs'

const PACKAGES = [
  'next@16.4.6',
  'react@19',
  'react-dom@19',
  'typescript@5.9.3',
  '@types/react@19',
  '@types/node@20.19.43',
  'esbuild@0.28.2',
]
const PORT = 3911
const TRIES_MAX = 60

const FILES = {
  'package.json': '{ "private": true }',
  'next.config.mjs': `export default {
  serverExternalPackages: ['@troupe/runtime'],
  turbopack: { root: import.meta.dirname },
  // The workspace's types are its sources, and not those that are published.
  typescript: { ignoreBuildErrors: true },
}
`,
  'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) { return <html><body>{children}</body></html> }`,
  'app/page.tsx': `export default function Page() { return <p>ok</p> }`,
  'actors/counter.ts': `import { Actor } from '@troupe/runtime'
export class Counter extends Actor {
  static readonly module = import.meta.url
  #total = 0
  add(n: number): number { return (this.#total += n) }
}
`,
  'app/api/count/route.ts': `import { join } from 'node:path'
import { ActorSystem, actorsIn } from '@troupe/runtime'
export const dynamic = 'force-dynamic'
const { Counter } = actorsIn<typeof import('../../../actors/counter')>(join(process.cwd(), 'actors/counter.ts'))
const shared = globalThis as { counter?: Promise<any> }
function counter() {
  return (shared.counter ??= (async () => {
    const built = process.env.TROUPE_BUILT
    const system = await ActorSystem.start({ name: 'next', ...(built ? { bundle: { built } } : {}) })
    return system.spawn(Counter, { name: 'counter' })
  })())
}
export async function GET() {
  return Response.json({ total: await (await counter()).ask.add(1) })
}
`,
}

const folder = mkdtempSync(join(tmpdir(), 'troupe-next-'))
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
const next = join(folder, 'node_modules/next/dist/bin/next')

function run(file, ...args) {
  execFileSync(file, args, { cwd: folder, env, stdio: 'inherit' })
}

/** Two requests: the same actor answers both. */
async function serve(more) {
  const server = spawn(process.execPath, [next, 'start', '-p', String(PORT)], { cwd: folder, env: { ...env, ...more }, stdio: 'inherit' })
  try {
    for (const total of [1, 2]) {
      const answer = await (await firstAnswer()).json()
      if (answer.total !== total) throw new Error(`expected ${total}, and got ${JSON.stringify(answer)}`)
    }
  } finally {
    const ended = new Promise((resolve) => server.on('exit', resolve))
    server.kill()
    await ended
  }
}

async function firstAnswer() {
  for (let i = 0; i < TRIES_MAX; i++) {
    const answer = await fetch(`http://localhost:${PORT}/api/count`).catch(() => undefined)
    if (answer !== undefined) return answer
    await sleep(500)
  }
  throw new Error('the server did not answer')
}

try {
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  run('npm', 'install', '--no-audit', '--no-fund', ...PACKAGES)
  for (const part of ['package.json', 'bin', 'dist'])
    cpSync(join(root, 'packages/runtime', part), join(folder, 'node_modules/@troupe/runtime', part), { recursive: true })
  run(process.execPath, next, 'build')
  await serve({})
  console.log('next: a route handler asks an actor that is bundled when it is started')
  run(process.execPath, 'node_modules/@troupe/runtime/bin/troupe.mjs', 'build', 'actors', '--out', 'built')
  for (const part of ['node_modules/esbuild', 'actors']) renameSync(join(folder, part), join(folder, `${part.replace('/', '-')}-away`))
  await serve({ TROUPE_BUILT: join(folder, 'built') })
  console.log('next: and one that troupe build has bundled, without its source and without esbuild')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
