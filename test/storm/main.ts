// npm run kills [-- NUMBER]: kills ready-made actors and those who use them, at random, and looks whether anything was lost.
import { storm } from './storm.ts'

const kills = Number(process.argv[2] ?? 1_000)
const startedMs = performance.now()
const { kills: killed, work, faults } = await storm(kills)
console.log(`${kills} kills in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s: ${listOf(killed)}`)
console.log(`meanwhile: ${listOf(work)}`)
console.log(faults.length === 0 ? 'nothing was lost, and no limit exceeded' : faults.join('\n'))
process.exitCode = faults.length === 0 ? 0 : 1

function listOf(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ')
}
