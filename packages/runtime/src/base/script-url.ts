// Of modules whose evaluation waits: CommonJS that exports a function, which evaluates the module and returns its exports.

/** What the names of such files end with. */
export const DEFERRED = '.deferred.cjs'

export function isDeferred(url: string): boolean {
  return url.startsWith('file:') && new URL(url).pathname.endsWith(DEFERRED)
}

const START = 'data:application/node;name='
const CODE = ';base64,'

/** The URL of one that lies nowhere but in it. `file`: what stacks call it. */
export function scriptUrl(file: string, code: string): string {
  return `${START}${encodeURIComponent(file)}${CODE}${Buffer.from(code).toString('base64')}`
}

/** undefined: a URL of another kind. */
export function scriptIn(url: string): { readonly file: string; readonly code: string } | undefined {
  if (!url.startsWith(START)) return undefined
  const code = url.indexOf(CODE)
  return {
    file: decodeURIComponent(url.slice(START.length, code)),
    code: Buffer.from(url.slice(code + CODE.length), 'base64').toString(),
  }
}
