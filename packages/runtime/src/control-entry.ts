// The file that the control thread runs: it puts its edges together.
import { ModuleLoader } from './bundler/module-loader.ts'
import { bootOfControl, runControl } from './node/control-main.ts'
import { RuntimeCode } from './node/runtime-code.ts'
import { workerIsolates } from './node/worker-isolate.ts'

const loader = new ModuleLoader(new URL('./isolate-api.js', import.meta.url).href, bootOfControl().bundling)
const runtime = new RuntimeCode(new URL('./isolate-runtime.cjs', import.meta.url))
const { preloads = [], system, memory, epochMs, limits, spinMs, context = [] } = bootOfControl()
const surroundings = { system, memory, epochMs, limits, spinMs, context }
runControl(workerIsolates(new URL('./isolate-entry.cjs', import.meta.url), runtime, preloads, surroundings), loader)
