// npm run soak [-- RESTARTS]: restarts actors 10 000 times, and prints what grows with it. Ends with 1 if anything does.
import { type Growth, soak } from './soak.ts'

const restarts = Number(process.argv[2] ?? 10_000)
const startedMs = performance.now()
const results = await soak({
  restarts,
  samples: Math.max(20, Math.min(100, Math.round(restarts / 100))),
  onProgress: (done, [heap, rss, files, threads]) => {
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0)
    console.log(`${done}/${restarts} restarts, ${seconds} s: heap ${mega(heap)}, RSS ${mega(rss)}, ${files} files, ${threads} threads`)
  },
})
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
