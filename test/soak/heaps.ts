import { Session } from 'node:inspector'

/** What lives in the heap of one thread when all that can be given back has been. */
export interface Heap {
  readonly bytes: number
  /** Without compiled code (main.ts), so that the two can be told apart when the heap grows. */
  readonly objectBytes: number
  /** Whatever a program can make: exact, so that one thing that is kept too long is seen among few restarts. */
  readonly objects: number
}

const LOOKS = 3
const BETWEEN_MS = 40

type Post = (method: string, params?: object) => Promise<unknown>

const COUNT = `process.getBuiltinModule('node:v8').queryObjects(Object, { format: 'count' })`
const BYTES = `(() => {
  const used = (spaces) => spaces.reduce((total, { space_used_size }) => total + space_used_size, 0)
  const spaces = process.getBuiltinModule('node:v8').getHeapSpaceStatistics()
  return [used(spaces), used(spaces.filter(({ space_name }) => !/code|trusted/.test(space_name)))]
})()`

/** Looks into the heaps of the main thread, which is this one, and of a thread with that name, through V8's inspector. */
export async function lookIntoHeaps(thread: string): Promise<readonly [here: Heap, there: Heap]> {
  const session = new Session()
  session.connect()
  try {
    const post = postTo(session)
    return [await heapOf(post), await heapOf(await postToThread(session, post, thread))]
  } finally {
    // Whoever stays attached is attached to each isolate that comes, too.
    session.disconnect()
  }
}

function postTo(session: Session): Post {
  return (method, params) =>
    new Promise((resolve, reject) => session.post(method, params, (error, result) => (error === null ? resolve(result) : reject(error))))
}

async function postToThread(session: Session, post: Post, thread: string): Promise<Post> {
  const found: { sessionId: string; title: string }[] = []
  const asked = new Map<number, (result: unknown) => void>()
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => found.push({ sessionId, title: workerInfo.title }))
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const { id, result } = JSON.parse(params.message) as { id: number; result: unknown }
    asked.get(id)?.(result)
  })
  await post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  const one = found.find(({ title }) => title.endsWith(thread))
  if (one === undefined) throw new Error(`there is no thread "${thread}" among ${found.map(({ title }) => title).join(', ')}`)
  let id = 0
  return async (method, params) => {
    const message = JSON.stringify({ id: ++id, method, params })
    const answer = new Promise((resolve) => asked.set(id, resolve))
    await post('NodeWorker.sendMessageToWorker', { sessionId: one.sessionId, message })
    return answer
  }
}

async function heapOf(post: Post): Promise<Heap> {
  // Something may be under way, as the look at another thread's memory is: what is kept is there at each of the looks.
  const counts: number[] = []
  for (let look = 0; look < LOOKS; look++) {
    counts.push((await evaluate(post, COUNT)) as number)
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
  }
  // What counting has made is garbage by now.
  await post('HeapProfiler.collectGarbage')
  const [bytes, objectBytes] = (await evaluate(post, BYTES)) as [number, number]
  return { bytes, objectBytes, objects: Math.min(...counts) }
}

async function evaluate(post: Post, expression: string): Promise<unknown> {
  const { result } = (await post('Runtime.evaluate', { expression, returnByValue: true })) as { result: { value: unknown } }
  return result.value
}
