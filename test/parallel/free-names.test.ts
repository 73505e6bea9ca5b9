import { expect, test } from 'vitest'
import { freeNames } from '../../packages/actors/src/parallel/free-names.ts'

// What a function uses from around it, by the rules of the language's scopes.
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['(n) => n * 2', []],
  ['n => n * factor', ['factor']],
  ['function (n) { return helper(n).size[key] }', ['helper', 'key']],
  ['async (n) => { const x = await import(`node:fs`); return x.y.z }', []],
  ['({ a, b: { c = d }, ...rest }, [e, , ...f]) => [a, c, rest, e, f]', ['d']],
  ['(n) => { if (n) { var late = 1; let inner = 2 } return late + inner }', ['inner']],
  ['(n) => { for (const i of n) use(i); for (let j = 0; j < 1; j++) use(j); for (;;) break; return i }', ['use', 'i']],
  ['(n) => { for (const key in n) n[key]; try { n() } catch ({ code }) { return code } finally { done } }', ['done']],
  ['(n) => { try { n() } catch { return error } }', ['error']],
  ['function named(n) { return n < 2 ? n : named(n - 1) + arguments.length }', []],
  ['(n) => { return later(n); function later(m) { return m } }', []],
  ['() => this.size', ['this']],
  ['function () { return () => this.size }', []],
  [
    '(n) => { class Box extends Base { size = n; static #count = 0; get [dynamic]() { return this.size } } return new Box() }',
    ['Base', 'dynamic'],
  ],
  ['(n) => ({ n, key: 1, [computed]: 2, method() { return this.key } })', ['computed']],
  ['(n) => { outer: for (;;) { continue outer } }', []],
  ['(n) => { switch (n) { case 1: { const one = 1; return one } default: let two; return two } }', []],
  ['(n, m = n + other) => m', ['other']],
  ['() => import.meta.url', ['import.meta']],
  ['function () { return new.target }', []],
  [`(n) => \`\${n}\${outer}\``, ['outer']],
  ['(n) => { x = n; var x; const { [k]: v } = n; return v }', ['k']],
]

test.for(CASES)('freeNames: %s', ([text, names]) => {
  expect(freeNames(text)).toEqual(names)
})

test('freeNames: what is no function expression is refused', () => {
  for (const text of ['method() { return 1 }', 'get x() { return 1 }', '1', 'function () { [native code] }'])
    expect(() => freeNames(text)).toThrow(SyntaxError)
})
