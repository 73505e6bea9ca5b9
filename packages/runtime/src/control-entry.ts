// The file that the control thread runs: it puts the edges together.
import { ModuleLoader } from './bundler/module-loader.ts'
import { runControl } from './node/control-main.ts'
import { workerIsolates } from './node/worker-isolate.ts'

const loader = new ModuleLoader(new URL('./index.js', import.meta.url).href)
runControl(workerIsolates(new URL('./isolate-entry.js', import.meta.url)), loader)
