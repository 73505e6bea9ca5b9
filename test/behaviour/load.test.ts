import { expect, test } from 'vitest'
import { Importer } from '../actors/importer.ts'
import { rejection, startSystem } from './scene.ts'

test('context.load imports a module as an actor’s own is imported, TypeScript too', async () => {
  const system = await startSystem()
  const importer = await system.spawn(Importer)
  const functions = new URL('../parallel/functions.ts', import.meta.url).href
  expect(await importer.ask.callToMs(functions, 2)).toBe(2_000)
  expect(await rejection(importer.ask.callToMs('./functions.ts', 1))).toMatchObject({ code: 'TROUPE_INVALID_ARGUMENT' })
  expect((await rejection(importer.ask.callToMs(functions.replace('functions', 'none'), 1))).message).toContain('none.ts')
})
