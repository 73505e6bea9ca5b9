import { moduleUrl } from '../supervisor/actor-place.ts'

/** `at main (file:///shop/main.js:3:5)`, `at /shop/main.cjs:3:5`, `at async main (C:\shop\main.js:3:5)` */
const PLACE = /((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):\d+:\d+\)?$/

/** The modules of those who call, by the lines of a stack: the innermost first. */
export function modulesOn(stack = ''): string[] {
  const urls = stack.split('\n').map((line) => moduleUrl(PLACE.exec(line)?.[1]))
  return [...new Set(urls.filter((url) => url !== undefined))]
}
