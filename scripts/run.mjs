// Runs a TypeScript program on any Node >= 20.19: node scripts/run.mjs FILE.ts [arguments]
// Node 24 loads it itself. Older ones have no types stripped, or no `await using`: there tsx does it, in this process only.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const file = process.argv[2]
if (file === undefined) {
  console.error('usage: node scripts/run.mjs FILE.ts [arguments]')
  process.exit(2)
}
process.argv.splice(1, 2, resolve(file))
if (Number(process.versions.node.split('.')[0]) < 24) {
  const { register } = await import('tsx/esm/api')
  register()
}
await import(pathToFileURL(process.argv[1]).href)
