// All that an isolate runs besides its actor: one script, evaluated by isolate-entry.ts.
import * as api from './index.ts'
import { runIsolate } from './node/isolate-thread.ts'

/** `api`: an actor's `@troupe/runtime` (isolate-api.js, which the build writes): there must be one `Actor` class in an isolate. */
export const runtime = { api, runIsolate }
