import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const MAP = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/

/**
 * The place in the source of a place in a bundle, as `file:///…/actor.ts:12:5`; both count from 1. A file without a map in it is its
 * own source. V8's own stacks are mapped by Node; this is for a profile, which is not. `script`: a URL, or the path of what is CommonJS.
 */
export function sourcePlace(script: string, line: number, column: number): string {
  const url = isAbsolute(script) ? pathToFileURL(script).href : script
  const map = url.startsWith('file:') ? mapIn(url) : undefined
  const found = map?.findEntry(line - 1, column - 1)
  if (found === undefined || !('originalSource' in found)) return `${url}:${line}:${column}`
  return `${new URL(found.originalSource, url).href}:${found.originalLine + 1}:${found.originalColumn + 1}`
}

function mapIn(url: string): InstanceType<typeof import('node:module').SourceMap> | undefined {
  try {
    const json = MAP.exec(readFileSync(fileURLToPath(url), 'utf8'))?.[1]
    if (json === undefined) return undefined
    const { SourceMap } = process.getBuiltinModule('node:module')
    return new SourceMap(JSON.parse(Buffer.from(json, 'base64').toString()))
  } catch {
    // Deleted meanwhile, or no map after all.
    return undefined
  }
}
