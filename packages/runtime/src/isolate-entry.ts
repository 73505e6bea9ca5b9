// The file that an isolate's thread runs: CommonJS, because that starts sooner. It evaluates the runtime of isolates, whose
// text and compiled code all threads share (node/runtime-code.ts).
import { runRuntime } from './node/run-runtime.ts'

runRuntime((url) => import(url), require)
