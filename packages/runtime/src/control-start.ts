// Puts the edges of the control thread together.
import { ModuleLoader } from './bundler/module-loader.ts'
import { bootOfControl, runControl } from './node/control-main.ts'
import { workerIsolates } from './node/worker-isolate.ts'

export function startControl(): void {
  const loader = new ModuleLoader(new URL('./index.js', import.meta.url).href, bootOfControl().bundling)
  runControl(workerIsolates(new URL('./isolate-entry.js', import.meta.url)), loader)
}
