import { workerData } from 'node:worker_threads'
import { Arena } from '../../packages/runtime/src/queue/arena.ts'
import { claimRounds, GATE_ANSWER, GATE_OPENED, GATE_PUBLISHED, OTHER, openGate, waitAtGate } from './rig.ts'

const { memory, gates } = workerData as { memory: SharedArrayBuffer; gates: Int32Array }
openGate(gates, GATE_PUBLISHED)
waitAtGate(gates, GATE_OPENED)
gates[GATE_ANSWER] = claimRounds(Arena.attach(memory), OTHER)
