export { BullmqQueue, bullmqQueue } from './bullmq/bullmq-queue'
export type { BullmqQueueOptions } from './bullmq/options'
