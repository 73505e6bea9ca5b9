import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { transform } from './transform.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const source = 'packages/runtime/src/'

/** A change of the text of one source file; what it replaces must be there exactly once. */
export interface Edit {
  /** Below packages/runtime/src. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Small rings, so that a few records fill them: two records of 48 bytes and the rest of a third, then a ring of twice that. */
const SHRINK: readonly Edit[] = [
  { file: 'queue/layout.ts', from: 'BLOCK_DATA_BYTES = 16 * 1024', to: 'BLOCK_DATA_BYTES = 128' },
  { file: 'queue/layout.ts', from: 'INLINE_BYTES_MAX = 4 * 1024', to: 'INLINE_BYTES_MAX = 8' },
  { file: 'queue/layout.ts', from: 'RING_BLOCKS_MAX = 64', to: 'RING_BLOCKS_MAX = 2' },
  { file: 'queue/layout.ts', from: 'NAMES_MAX = 4_096', to: 'NAMES_MAX = 2' },
  { file: 'queue/layout.ts', from: 'SHAPES_MAX = 1_024', to: 'SHAPES_MAX = 0' },
  { file: 'queue/arena.ts', from: 'GROWTH_BLOCKS_MIN = 64', to: 'GROWTH_BLOCKS_MIN = 4' },
  { file: 'queue/wait-graph.ts', from: 'TRIES_MAX = 10_000', to: 'TRIES_MAX = 3' },
  { file: 'mailbox/payload.ts', from: 'SCRATCH_BYTES = 64 * 1024', to: 'SCRATCH_BYTES = 64' },
]

/** A plain store that others may see late is an operation of the model's own. */
const SHOWN: Edit = { file: 'queue/atomics.ts', from: '  words[index] = value\n', to: '  Atomics.show(words, index, value)\n' }

/** What single files of scenarios need besides: a word of ready bits per seat, as if there were many more of them. */
const MORE: Readonly<Record<string, readonly Edit[]>> = {
  './large.ts': [
    { file: 'queue/layout.ts', from: 'Math.ceil(seats / 32)', to: 'seats' },
    { file: 'queue/arena.ts', from: '(sender >> 5)', to: 'sender' },
    { file: 'queue/ready.ts', from: 'sender & 31', to: '0' },
    { file: 'queue/ready.ts', from: 'i * 32 + bit', to: 'i + bit' },
    { file: 'queue/ready.ts', from: '(load(arena.words, HEAD_SENDERS) + 31) >> 5', to: 'load(arena.words, HEAD_SENDERS)' },
  ],
}

/** What the model does not run: errors and their encoding. */
const STUBS: Readonly<Record<string, string>> = {
  'isolate/wire-reason.ts': 'export const decodeError = (_, error) => error; export const isEncodedError = () => false',
}

/** The code of the scenarios with the code under test, as a function body over the machine's helpers. */
export async function compiled(scenarios: string, edits: readonly Edit[] = []): Promise<string> {
  const unused = new Set([...SHRINK, SHOWN, ...(MORE[scenarios] ?? []), ...edits])
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(scenarios, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    logLevel: 'silent',
    plugins: [
      {
        name: 'edits',
        setup({ onLoad }) {
          onLoad({ filter: /packages.runtime.src.*\.ts$/ }, ({ path }) => {
            const file = relative(root + source, path).replaceAll('\\', '/')
            const stub = STUBS[file]
            return { contents: stub ?? edited(file, readFileSync(path, 'utf8'), unused), loader: stub === undefined ? 'ts' : 'js' }
          })
        },
      },
    ],
  })
  for (const { file, from } of edits.filter((edit) => unused.has(edit))) throw new Error(`${file} is not part of the model: '${from}'`)
  return transform(outputFiles[0]!.text)
}

function edited(file: string, text: string, unused: Set<Edit>): string {
  let result = text
  for (const edit of unused) {
    if (edit.file !== file) continue
    const pieces = result.split(edit.from)
    if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times: '${edit.from}'`)
    result = pieces.join(edit.to)
    unused.delete(edit)
  }
  return result
}
