// Comlink ships this file without a declaration that a module of today finds.
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { Worker } from 'node:worker_threads'
  import type { Endpoint } from 'comlink'

  const nodeEndpoint: (worker: Worker) => Endpoint
  // biome-ignore lint/style/noDefaultExport: that is how Comlink exports it.
  export default nodeEndpoint
}
