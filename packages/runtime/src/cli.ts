// The command `troupe` (bin/troupe.mjs).
import { runCommand } from './bundler/command-line.ts'
import { loadTimeMs } from './node/load-time.ts'
import { exitWith, print, programArguments } from './node/program.ts'

const runtimeUrl = new URL('./index.js', import.meta.url).href
exitWith(await runCommand(programArguments(), { runtimeUrl, loadTimeMs: (url) => loadTimeMs(url, runtimeUrl), print }))
