import { QueueBench, type QueuePlace } from './queue-bench'
import { memoryContract } from './queue-contract-memory'
import { plansContract } from './queue-contract-plans'
import { runsContract } from './queue-contract-runs'
import { stopsContract } from './queue-contract-stops'

/** What every run queue promises (`lib/engine/queue.ts`), wherever it runs and wherever it remembers. */
export function queueContract(title: string, openPlace: () => Promise<QueuePlace>): void {
  describe(title, () => {
    const bench = new QueueBench(openPlace)
    beforeEach(() => bench.begin())
    afterEach(() => bench.end())

    runsContract(bench)
    plansContract(bench)
    stopsContract(bench)
    memoryContract(bench)
  })
}
