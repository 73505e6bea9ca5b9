// Builds the service in the current folder as Vite builds the server of an application.
import { troupe } from '@troupe/runtime/vite'
import { build } from 'vite'

await build({
  configFile: false,
  logLevel: 'warn',
  plugins: [troupe()],
  build: { ssr: 'src/main.ts', outDir: 'dist/server', rollupOptions: { output: { entryFileNames: 'app/[name].mjs' } } },
})
