export { type Answer, type Gathered, type GatherOptions, gather, type Missing, Scatter } from './scatter.ts'
export { type LeasedItem, type QueueItem, type QueueStats, type TakeOptions, WorkQueue, type WorkQueueOptions } from './work-queue.ts'
