import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { FromIsolate } from '../isolate/isolate.ts'

export type SpawnProcess = (command: string, args?: readonly string[], options?: SpawnOptions) => ChildProcess

/**
 * Starts child processes whose end is tied to the actor's: the control side knows which live, and ends them when the isolate has
 * ended, however it did.
 */
export function ownProcesses(post: (notice: FromIsolate) => void): SpawnProcess {
  return (command, args = [], options = {}) => {
    // Loaded when it is needed: few actors do, and it costs milliseconds.
    const { spawn } = process.getBuiltinModule('node:child_process')
    const child = spawn(command, args, options)
    const { pid } = child
    // It could not be started; its `error` event says why.
    if (pid === undefined) return child
    // The leader of a group of its own: all of the group ends.
    const isGroup = options.detached === true && process.platform !== 'win32'
    post({ type: 'process', pid, isGroup, isAlive: true })
    child.once('exit', () => post({ type: 'process', pid, isGroup, isAlive: false }))
    return child
  }
}
