// What a page does with the unmodified Comlink. It runs in a browser, and in a plain Node: it knows nothing of actors.

/** A WebSocket as what Comlink speaks over. */
export async function endpointOf(socket) {
  await new Promise((resolve, reject) => {
    if (socket.readyState === WebSocket.OPEN) resolve()
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const wrappers = new Map()
  return {
    postMessage: (message) => socket.send(JSON.stringify(message)),
    addEventListener(type, listener) {
      const wrapper = ({ data }) => listener({ data: JSON.parse(data) })
      wrappers.set(listener, wrapper)
      socket.addEventListener(type, wrapper)
    },
    removeEventListener: (type, listener) => socket.removeEventListener(type, wrappers.get(listener)),
  }
}

/** A port whose other end goes on to the socket: as a page hands it to its workers. */
export function bridged(endpoint) {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = ({ data }) => endpoint.postMessage(data)
  endpoint.addEventListener('message', ({ data }) => port1.postMessage(data))
  return port2
}

export async function callsOver({ wrap }, endpoint) {
  const tally = wrap(endpoint)
  const textOf = (promise) =>
    promise.then(
      (value) => value,
      (error) => `${error.name}: ${error.message}`,
    )
  return [
    await textOf(tally.add(1)),
    await textOf(tally.add(1)),
    await Promise.all([1, 2, 3].map((n) => tally.add(n))),
    await textOf(tally.fail('no')),
    await textOf(tally.reset()),
    await textOf(tally.constructor.constructor('return 1')),
  ]
}

// In Node: node comlink-page.mjs COMLINK SOCKET
if (globalThis.process?.argv[3] !== undefined) {
  const socket = new WebSocket(process.argv[3])
  const results = await callsOver(await import(process.argv[2]), await endpointOf(socket))
  console.log(JSON.stringify(results))
  socket.close()
}
