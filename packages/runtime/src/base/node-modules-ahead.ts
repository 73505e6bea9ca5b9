/**
 * Those of Node's own modules that take long to load (0.3 to 10 ms), and of whose loading an actor sees nothing: no warning, no
 * handle, no setting that is read then and might have been another one later.
 */
const WORTH_IT: ReadonlySet<string> = new Set([
  'child_process',
  'crypto',
  'dgram',
  'dns',
  'dns/promises',
  'fs/promises',
  'http',
  'http2',
  'https',
  'net',
  'readline',
  'readline/promises',
  'stream/web',
  'tls',
  'zlib',
])

/** What a bundle says behind its `'use strict'` of what it imports, so that an idle isolate can load that before it is known who needs it. */
export function shownAhead(imports: Iterable<string>): string {
  const names = [...new Set([...imports].map((name) => name.replace(/^node:/, '')))].filter((name) => WORTH_IT.has(name))
  return names.length === 0 ? '' : ` /* loads ${names.sort().join(' ')} */`
}

/** `head`: its first line, or the beginning of that. */
export function readAhead(head: string): readonly string[] {
  const names = /^'use strict' \/\* loads ([\w/ ]+) \*\//.exec(head)?.[1]?.split(' ') ?? []
  return names.filter((name) => WORTH_IT.has(name))
}
