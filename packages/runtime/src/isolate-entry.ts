// The file that an isolate's thread runs.
import { runIsolate } from './node/isolate-main.ts'

runIsolate(new URL('./index.js', import.meta.url).href)
