// node build-with-esbuild.mjs FORMAT: bundles the service in the current folder into one file.
import { troupe } from '@troupe/runtime/esbuild'
import { build } from 'esbuild'

const format = process.argv[2]
await build({
  entryPoints: ['src/main.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format,
  outfile: `dist/server.${format === 'cjs' ? 'cjs' : 'mjs'}`,
  plugins: [troupe()],
})
