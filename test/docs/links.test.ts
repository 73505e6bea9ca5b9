import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import * as actorErrors from '../../packages/actors/src/errors.ts'
import * as errors from '../../packages/runtime/src/base/errors.ts'
import { anchors, linkTargets } from './markdown.ts'
import { root } from './programs.ts'

const pages = ['README.md', 'CONTRIBUTING.md', ...filesIn('docs', '.md')]
const semantics = text('docs/SEMANTICS.md')

function filesIn(folder: string, end: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith(end) && !file.includes('node_modules'))
}

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function brokenLinks(page: string): string[] {
  return linkTargets(text(page))
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path, anchor] = target.split('#') as [string, string?]
      const file = path === '' ? page : relative(root, resolve(root, dirname(page), path))
      return !existsSync(join(root, file)) || (anchor !== undefined && !anchors(text(file)).includes(anchor))
    })
    .map((target) => `${page}: ${target}`)
}

test('docs: every relative link leads somewhere', () => {
  expect(pages.flatMap(brokenLinks)).toEqual([])
})

test('docs: what is looked for here would be found', () => {
  const page = '# A, `b` & C\n[a](no.md) `[b](c)`\n```text\n[d](e)\n# F\n```\n[g](#h)'
  expect(linkTargets(page)).toEqual(['no.md', '#h'])
  expect(anchors(page)).toEqual(['a-b--c'])
})

/** `**G4 Survival.**` at the start of a paragraph. */
function promised(): string[] {
  return [...semantics.matchAll(/^\*\*(G\d+) /gm)].map((match) => match[1]!)
}

test('docs: every promise is quoted by the title of a test', () => {
  // `'G4: …'`, `'G1, G4: …'`: whatever comes before the first colon of a text that begins with a number.
  const titles = filesIn('test', '.ts').flatMap((file) => [...text(file).matchAll(/['"`](G\d[^:'"`\n]*): /g)].map((match) => match[1]!))
  expect(promised().filter((number) => !titles.some((title) => title.split(/\W+/).includes(number)))).toEqual([])
})

test('docs: the numbers that are not promised yet are named as such', () => {
  const section = semantics.split('## Not yet promised')[1]!.split('\n## ')[0]!
  const numbers = Array.from({ length: 15 }, (_, i) => `G${i + 1}`)
  expect(numbers.filter((number) => promised().includes(number) === new RegExp(`\\b${number}\\b`).test(section))).toEqual([])
})

test('docs: the tables of layers and of errors are those of the code', () => {
  const inTidy = /const LAYERS = \[(.*)\]/.exec(text('test/tidy.test.ts'))![1]!
  const inTable = [...text('docs/ARCHITECTURE.md').matchAll(/^\| `(\w+)` \|/gm)].map((match) => `'${match[1]}'`)
  expect(inTable.join(', ')).toBe(inTidy)
  const listed = [...semantics.matchAll(/^\| (\w+Error) \|/gm)].map((match) => match[1]!)
  expect(listed.sort()).toEqual(
    Object.keys({ ...errors, ...actorErrors })
      .filter((name) => name !== 'TroupeError')
      .sort(),
  )
})

test('docs: a decision is in the list of decisions', () => {
  const files = filesIn('docs/adr', '.md').filter((file) => !file.endsWith('README.md'))
  const listed = linkTargets(text('docs/adr/README.md')).map((target) => `docs/adr/${target}`)
  expect(listed.sort()).toEqual(files.sort())
})

test('docs: nothing is claimed that nobody can keep', () => {
  const claims = /exactly[- ]once delivery|no message is (ever )?lost|isolation of memory faults|sandbox for untrusted code/i
  expect(pages.filter((page) => claims.test(text(page)))).toEqual([])
})
