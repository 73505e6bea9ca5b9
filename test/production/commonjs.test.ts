import { cpSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { project } from '../bundler/project.ts'
import { root } from '../docs/programs.ts'
import { node } from './service.ts'

test("production: CommonJS: require('@troupe/runtime') in the service and in its actors, in JavaScript and in TypeScript", async () => {
  const made = project({
    'package.json': '{}',
    'counter.js': `const { Actor } = require('@troupe/runtime')
exports.Counter = class Counter extends Actor {
  static module = __filename
  add(n) { return n + 1 }
}
`,
    'doubler.ts': `import { Actor } from '@troupe/runtime'
export class Doubler extends Actor {
  static readonly module = __filename
  double(n: number) { return [2 * n, __dirname === require('node:path').dirname(__filename)] }
}
`,
    'main.js': `const { ActorSystem, actorsIn } = require('@troupe/runtime')
const { join } = require('node:path')
const { Counter } = require('./counter.js')
const { Doubler } = actorsIn(join(__dirname, 'doubler.ts'))
async function main() {
  const system = await ActorSystem.start({ name: 'commonjs' })
  console.log(await (await system.spawn(Counter)).ask.add(1), ...(await (await system.spawn(Doubler)).ask.double(2)))
  await system.stop()
}
main()
`,
  })
  for (const part of ['package.json', 'dist'])
    cpSync(join(root, 'packages/runtime', part), made.path(`node_modules/@troupe/runtime/${part}`), { recursive: true })
  symlinkSync(realpathSync(join(root, 'node_modules/esbuild')), made.path('node_modules/esbuild'))
  expect(await node(made.folder, 'main.js')).toEqual({ code: 0, stdout: '2 4 true\n', stderr: '' })
})
