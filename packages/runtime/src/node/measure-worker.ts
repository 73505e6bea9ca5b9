import type { Worker } from 'node:worker_threads'
import type { Measured, MeasuredCpu, MeasuredLoop, MeasuredMemory } from '../isolate/measured.ts'

/** What Node ≥ 24 adds; this project's types are older. Both answer also while the worker is in a loop, or in a blocking wait. */
interface MeasurableWorker extends Worker {
  getHeapStatistics?(): Promise<{ readonly used_heap_size: number; readonly heap_size_limit: number; readonly external_memory: number }>
  cpuUsage?(): Promise<{ readonly user: number; readonly system: number }>
}

/** A thread in native code answers when it comes back. */
const ANSWER_MS = 100

export async function measureWorker(worker: Worker): Promise<Measured> {
  const [memory, cpu] = await Promise.all([memoryOf(worker), cpuOf(worker)])
  return { memory, cpu, loop: loopOf(worker) }
}

/** Asks nobody: it is a difference of clocks. */
export function loopOf(worker: Worker): MeasuredLoop {
  const { active, idle } = worker.performance.eventLoopUtilization()
  return { activeMs: active, idleMs: idle }
}

async function memoryOf(worker: MeasurableWorker): Promise<MeasuredMemory | undefined> {
  const statistics = await inTime(worker.getHeapStatistics?.())
  if (statistics === undefined) return undefined
  const { used_heap_size: heapBytes, heap_size_limit: heapLimitBytes, external_memory: externalBytes } = statistics
  return { heapBytes, heapLimitBytes, externalBytes }
}

async function cpuOf(worker: MeasurableWorker): Promise<MeasuredCpu | undefined> {
  const usage = await inTime(worker.cpuUsage?.())
  return usage && { userMs: usage.user / 1_000, systemMs: usage.system / 1_000 }
}

/** It rejects when the thread is not there yet, or not any more. */
async function inTime<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
  if (answer === undefined) return undefined
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ANSWER_MS, undefined)))
  try {
    return await Promise.race([answer, late])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
