// Everything that must hold before a commit: npm run check. One line per step; the output of a step is shown where it failed.
// `--tested CODE`: the tests have just run on this Node and ended with CODE (CI runs `npm test` first).
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The floor, the reference and the newest. The running Node stands for its own major version. */
const NODES = ['20.20.2', '24.21.0', '26.10.0']
const TESTS_LIMIT_MS = 10 * 60_000
/** The storms of kills rage in full on one Node; on the others a few rounds show that nothing is different there. */
const SHORTER = { STORM_ROUNDS: '4', TROUPE_KILLS: '8', TROUPE_SEEDS: '200' }
const STEP_LIMIT_MS = 2 * 60_000

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const reports = join(root, '.reports')
const totals = { passed: 0, failed: 0 }

async function checkAll(testedCode) {
  mkdirSync(reports, { recursive: true })
  await step('format and lint', () => runTool('@biomejs/biome/bin/biome', ['ci', '--colors=off', '--error-on-warnings']))
  await step('types', () => runTool('typescript/bin/tsc', ['--noEmit', '--pretty', 'false']))
  await step(testsOn(process.versions.node), () => (testedCode === undefined ? runTests(process.execPath) : resultOfEarlier(testedCode)))
  await step('examples', runExamples)
  for (const version of NODES.filter((version) => majorOf(version) !== majorOf(process.versions.node))) {
    await step(testsOn(version), async () => runTests(await installNode(version)))
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed`)
  process.exitCode = totals.failed === 0 ? 0 : 1
}

/** `work` gives { code, output, passed?, failed? }. A step that failed without a failed case counts as one. */
async function step(name, work) {
  const startedMs = performance.now()
  const result = await work().catch((error) => ({ code: 1, output: String(error.stack ?? error) }))
  const failed = result.code === 0 ? 0 : Math.max(result.failed ?? 0, 1)
  totals.passed += result.passed ?? 0
  totals.failed += failed
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  const cases = result.passed === undefined ? '' : `  ${result.passed} passed${failed === 0 ? '' : `, ${failed} failed`}`
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(24)} ${seconds.padStart(6)} s${cases}`)
  if (failed > 0) console.log(result.output.trimEnd().replaceAll(/^/gm, '    '))
}

async function runTests(node) {
  const report = reportOf(node === process.execPath ? process.versions.node : node.match(/\.nodes.(\d+)/)[1])
  rmSync(report, { force: true })
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run']
  const env = { TEST_REPORT: report, NO_COLOR: '1', ...(node === process.execPath ? {} : SHORTER) }
  const { code, output } = await run(node, args, { env, limitMs: TESTS_LIMIT_MS })
  return { code, output, ...countsOf(report) }
}

async function resultOfEarlier(code) {
  return { code, output: 'see the output of npm test above', ...countsOf(reportOf(process.versions.node)) }
}

function countsOf(report) {
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
  return { passed: numPassedTests, failed: numFailedTests }
}

/** The numbered examples run to their end and exit with 0. */
async function runExamples() {
  const folder = join(root, 'packages/examples')
  const files = readdirSync(folder)
    .filter((name) => /^\d/.test(name))
    .sort()
    .map((name) => (name.endsWith('.ts') ? name : `${name}/main.ts`))
    .filter((name) => existsSync(join(folder, name)))
  const results = { code: 0, output: '', passed: 0, failed: 0 }
  for (const file of files) {
    const { code, output } = await run(process.execPath, ['scripts/run.mjs', join('packages/examples', file)])
    if (code === 0) results.passed++
    else Object.assign(results, { code, failed: results.failed + 1, output: `${results.output}${file} exited with ${code}\n${output}\n` })
  }
  return results
}

/**
 * Each Node lies in a folder of its own: as a dependency of the workspace its `node` would come first in the PATH of every
 * script. The package with the binary itself needs no install script.
 */
async function installNode(version) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const folder = join(root, '.nodes', majorOf(version))
  const manifest = join(folder, 'node_modules', name, 'package.json')
  const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version) return binary
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  // In the folder, and not with --prefix: that would make npm overlook the machine's own settings (proxy, certificates).
  const npm = ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`]
  const { code, output } = await run('npm', npm, { cwd: folder, shell: process.platform === 'win32' })
  if (code !== 0) throw new Error(`Node ${version} could not be installed:\n${output}`)
  return binary
}

/** Runs a program to its end, or kills it and what it started when its time is over. */
function run(file, args, { cwd = root, env = {}, limitMs = STEP_LIMIT_MS, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, shell, detached: process.platform !== 'win32' })
    let output = ''
    const collect = (chunk) => {
      output += chunk
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const limit = setTimeout(() => {
      output += `\nended after ${limitMs / 1000} s`
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
    }, limitMs)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve({ code: code ?? 1, output })
    })
  })
}

function runTool(file, args) {
  return run(process.execPath, [join(root, 'node_modules', file), ...args])
}

function reportOf(version) {
  return join(reports, `node-${majorOf(version)}.json`)
}

function testsOn(version) {
  return `tests on Node ${version}`
}

function majorOf(version) {
  return version.split('.')[0]
}

const tested = process.argv.indexOf('--tested')
await checkAll(tested === -1 ? undefined : Number(process.argv[tested + 1]))
