// npm run soak [-- RESTARTS [--json]]: restarts actors 10 000 times, and prints what grows with it. Ends with 1 if anything does.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Growth, soak } from './soak.ts'

// Each thread that starts allocates from one of the C library's arenas, eight for each processor; what threads have freed in
// them stays there, in pieces. That fills up over thousands of restarts and is no leak, but looks like one: with two arenas it
// is full before anything is compared. Compiled code is a part of the heap, and V8 goes on to find functions that are worth it for
// tens of thousands of restarts (56 to 71 bytes of each restart were that, and none when nothing was compiled): here it compiles none.
const FLAGS = ['--no-opt', '--no-maglev', '--no-sparkplug']
if (process.env['MALLOC_ARENA_MAX'] === undefined) {
  const again = [...FLAGS, fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url)), ...process.argv.slice(1)]
  const { status } = spawnSync(process.execPath, again, { stdio: 'inherit', env: { ...process.env, MALLOC_ARENA_MAX: '2' } })
  process.exit(status ?? 1)
}

const restarts = Number(process.argv[2] ?? 10_000)
const startedMs = performance.now()
const results = await soak({
  restarts,
  samples: Math.max(12, Math.min(100, Math.round(restarts / 100))),
  onProgress: (done, [host, , , control, , , rss, files, threads]) => {
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0)
    const memory = Number.isNaN(host) ? '' : `heaps ${mega(host)} and ${mega(control)}, RSS ${mega(rss)}, `
    console.log(`${done}/${restarts} restarts, ${seconds} s: ${memory}${files} files, ${threads} threads`)
  },
})
if (process.argv[3] === '--json') console.log(JSON.stringify(results))
console.log('\nper 1 000 restarts, with the 95 % confidence interval:')
for (const growth of results) console.log(lineOf(growth))
const growing = results.filter(({ isGrowing }) => isGrowing)
console.log(growing.length === 0 ? 'nothing grows beyond noise' : `growing: ${growing.map(({ name }) => name).join(', ')}`)
process.exitCode = growing.length === 0 ? 0 : 1

function lineOf({ name, unit, first, last, slope, isGrowing }: Growth): string {
  const per = (value: number): string => (value * 1_000).toFixed(unit === 'bytes' ? 0 : 3)
  return `${isGrowing ? 'GROWS' : 'ok   '} ${name.padEnd(22)} ${per(slope.perX).padStart(12)} ± ${per(slope.halfWidth)} ${unit}   (${first} → ${last})`
}

function mega(bytes: number | undefined): string {
  return `${((bytes ?? 0) / 2 ** 20).toFixed(1)} MB`
}
