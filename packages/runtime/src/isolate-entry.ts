// The file that an isolate's thread runs.
import { runIsolate } from './node/isolate-thread.ts'

runIsolate({
  publicEntry: new URL('./index.js', import.meta.url).href,
  rehearsal: new URL('./rehearsal-entry.js', import.meta.url).href,
})
