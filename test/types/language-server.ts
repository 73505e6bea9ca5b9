import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compilerPath } from './compiler.ts'

export interface Position {
  readonly line: number
  readonly character: number
}
interface Range {
  readonly start: Position
  readonly end: Position
}
export interface Place {
  readonly uri: string
  readonly range: Range
}

/** TypeScript's own language server, as an editor starts it, with a folder that is open in it. Of the protocol, what an editor needs here. */
export class LanguageServer {
  readonly #folder: string
  readonly #process: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, (answer: { result?: unknown; error?: { message: string } }) => void>()
  #received = Buffer.alloc(0)
  #requests = 0
  #version = 1

  private constructor(folder: string) {
    this.#folder = folder
    this.#process = spawn(process.execPath, [compilerPath(), '--lsp', '-stdio'], { cwd: folder })
    this.#process.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#process.stderr.resume()
  }

  static async start(folder: string, files: readonly string[]): Promise<LanguageServer> {
    const server = new LanguageServer(folder)
    const completionItem = { snippetSupport: false }
    const capabilities = { textDocument: { completion: { completionItem }, rename: {}, definition: {} }, workspace: {} }
    await server.ask('initialize', { processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities })
    server.#send({ method: 'initialized', params: {} })
    for (const file of files) {
      const textDocument = { uri: server.#uri(file), languageId: 'typescript', version: 1, text: readFileSync(join(folder, file), 'utf8') }
      server.#send({ method: 'textDocument/didOpen', params: { textDocument } })
    }
    return server
  }

  /** What it answers about a place in a file. */
  about<T>(
    request: 'definition' | 'rename' | 'completion' | 'references' | 'hover',
    file: string,
    position: Position,
    more = {},
  ): Promise<T> {
    return this.ask(`textDocument/${request}`, { textDocument: { uri: this.#uri(file) }, position, ...more })
  }

  /** As if somebody had typed. */
  change(file: string, text: string): void {
    const textDocument = { uri: this.#uri(file), version: ++this.#version }
    this.#send({ method: 'textDocument/didChange', params: { textDocument, contentChanges: [{ text }] } })
  }

  ask<T>(method: string, params?: unknown): Promise<T> {
    const id = ++this.#requests
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result as T) : reject(new Error(`${method}: ${error.message}`)),
      )
      this.#send({ id, method, params })
    })
  }

  async stop(): Promise<void> {
    await this.ask('shutdown')
    this.#send({ method: 'exit' })
    this.#process.stdin.end()
    await new Promise((resolve) => this.#process.once('close', resolve))
  }

  /** `counter.ts`, of a place in the folder. */
  fileOf(uri: string): string {
    return fileURLToPath(uri).slice(this.#folder.length + 1)
  }

  #uri(file: string): string {
    return pathToFileURL(join(this.#folder, file)).href
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const head = this.#received.indexOf('\r\n\r\n')
      if (head === -1) return
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString('latin1', 0, head))![1])
      if (this.#received.length < head + 4 + length) return
      const message = JSON.parse(this.#received.toString('utf8', head + 4, head + 4 + length))
      this.#received = this.#received.subarray(head + 4 + length)
      if (message.method === undefined) this.#waiting.get(message.id)?.(message)
      // It asks for settings and the like: there are none.
      else if (message.id !== undefined) this.#send({ id: message.id, result: message.params?.items?.map(() => null) ?? null })
    }
  }
}
