import { onTestFinished } from 'vitest'
import { bundleOf } from './bundle-of.ts'

/** The URL of a worker's bundle, which is gone when the test has ended. */
export async function bundled(file: string): Promise<URL> {
  const { url, remove } = await bundleOf(new URL(file, import.meta.url))
  onTestFinished(remove)
  return url
}
