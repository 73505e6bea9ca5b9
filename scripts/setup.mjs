// Makes sure that the dependencies are installed and the packages are built. Where nothing has changed it only compares stamps.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PNPM = 'pnpm@12.21.0'
const NODE_MIN = [20, 19]

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const packages = ['packages/runtime', 'packages/actors', 'packages/examples']

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return
  fail(
    `Troupe needs Node ${NODE_MIN.join('.')} or newer, and this is Node ${process.versions.node}. Install a newer one: https://nodejs.org`,
  )
}

function installDependencies() {
  const manifests = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...packages.map((folder) => `${folder}/package.json`)]
  const state = hashOf([process.platform, process.arch, ...manifests.map((file) => readFileSync(join(root, file), 'utf8'))])
  if (isDone('install', state)) return
  const command = `npx --yes ${PNPM} install --frozen-lockfile`
  console.log(`> ${command}`)
  // NODE_ENV=production would leave the build tools out; CI=true keeps pnpm from asking questions.
  const { NODE_ENV: _, ...env } = process.env
  const { status } = spawnSync(command, { cwd: root, stdio: 'inherit', shell: true, env: { ...env, CI: 'true' } })
  if (status !== 0)
    fail(`The dependencies could not be installed. After a change of a package.json run: npx ${PNPM} install --no-frozen-lockfile`)
  setDone('install', state)
}

async function buildPackages() {
  const state = hashOf([...stampsOf('scripts'), ...packages.flatMap((folder) => stampsOf(`${folder}/src`))])
  if (isDone('build', state) && existsSync(join(root, 'packages/runtime/dist/index.js'))) return
  const { build } = await import('./build.mjs')
  try {
    await build()
  } catch (error) {
    fail(error.message)
  }
  setDone('build', state)
}

/** Path, time and size of each file: enough to see a change without reading the files. */
function stampsOf(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true })
    .sort()
    .map((file) => {
      const { mtimeMs, size } = statSync(join(root, folder, file))
      return `${folder}/${file} ${mtimeMs} ${size}`
    })
}

function hashOf(texts) {
  return createHash('sha256').update(texts.join('\0')).digest('hex')
}

function isDone(step, state) {
  const file = join(root, 'node_modules/.setup', step)
  return existsSync(file) && readFileSync(file, 'utf8') === state
}

function setDone(step, state) {
  mkdirSync(join(root, 'node_modules/.setup'), { recursive: true })
  writeFileSync(join(root, 'node_modules/.setup', step), state)
}

function fail(text) {
  console.error(text)
  process.exit(1)
}

checkNode()
installDependencies()
await buildPackages()
