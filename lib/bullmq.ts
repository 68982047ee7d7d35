import { expectPeer } from './optional-peer'

// Before whatever loads it, too: what is compiled loads in the order in which it is written.
expectPeer('express-butler/bullmq', 'bullmq', () => require('bullmq'), 'bullmq ioredis (on PostgreSQL: bullmq pg)')

export { BullmqQueue, bullmqQueue } from './bullmq/bullmq-queue'
export type { BullmqQueueOptions, RedisConnection } from './bullmq/options'
