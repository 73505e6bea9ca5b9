import { Worker, isMainThread, parentPort } from 'node:worker_threads'
if (!isMainThread) { parentPort.on('message', (m) => { const a = process.hrtime.bigint(); parentPort.postMessage({ id: m.id, value: m.value + 1, a, b: process.hrtime.bigint() }) }) }
else { const gap = Number(process.argv[2] ?? 20), w = new Worker(new URL(import.meta.url)); const L = { posted: [], recv: [], replied: [], end: [] }
 let res; { w.on('message', (m) => res(m)); for (let i = 0; i < 30000; i++) { const p = new Promise((r) => (res = r)); w.postMessage({ id: i, method: 'add', value: i }); await p } ; await new Promise((r) => setTimeout(r, 1000)) } w.on('message', (m) => res(m))
 for (let i = 0; i < 120; i++) { await new Promise((r) => setTimeout(r, gap)); const t0 = process.hrtime.bigint(); const p = new Promise((r) => (res = r)); w.postMessage({ id: i, method: 'add', value: i }); const t1 = process.hrtime.bigint(); const m = await p; const t2 = process.hrtime.bigint()
  if (i >= 40) { L.posted.push(Number(t1 - t0) / 1e3); L.recv.push(Number(m.a - t0) / 1e3); L.replied.push(Number(m.b - t0) / 1e3); L.end.push(Number(t2 - t0) / 1e3) } }
 for (const k in L) console.log(k, L[k].sort((a, b) => a - b)[40].toFixed(0)); w.terminate() }
