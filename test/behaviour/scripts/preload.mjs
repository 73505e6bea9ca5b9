// What an agent does: it is loaded before any program.
import { threadId } from 'node:worker_threads'

globalThis.troupePreloaded = `in thread ${threadId > 0 ? 'of its own' : 'main'}`
