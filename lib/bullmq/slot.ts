import { type IQueueBackend, type Job, Queue, Worker } from 'bullmq'
import type { Instant } from '../engine/clock'
import type { Run } from '../engine/run'
import type { WaitingEntry } from '../engine/store'
import type { Connection } from './connection'
import { isAnswer } from './link'

/** What a job carries. */
interface Held {
  entry: WaitingEntry
}

type TaskQueue = Queue<Held, Run | null, string, Held, Run | null, string, IQueueBackend>

type TaskWorker = Worker<Held, Run | null, string, IQueueBackend>

/** A job that has its task's slot. */
export interface Holder {
  job: string
  since: Instant
  /** The node that runs it; `null` while it waits. */
  node: string | null
}

/**
 * The slots of tasks, one BullMQ queue each. A slot is the deduplication key of the queue, so BullMQ decides, in one step and for all
 * nodes, who gets it, who takes it from waiting to running, and who ends it. The name of a job is the token of its lock: whoever finds
 * its node dead can end it.
 */
export class Slots {
  readonly #connection: Connection
  readonly #node: string
  // They go with the connection that they live on.
  readonly #queues = new WeakMap<IQueueBackend, TaskQueue>()
  readonly #workers = new WeakMap<IQueueBackend, TaskWorker>()

  constructor(connection: Connection, node: string) {
    this.#connection = connection
    this.#node = node
  }

  /** Takes a free slot for a job that then waits. Answers which job has the slot now. */
  async hold(task: string, job: string, entry: WaitingEntry, delay: number, kept: number): Promise<string> {
    const options = {
      jobId: job,
      delay: Math.max(0, delay),
      deduplication: { id: task },
      removeOnComplete: { count: kept },
      removeOnFail: { count: kept },
    }
    const added = await this.#connection.ask(() => this.#queue(task).add(task, { entry }, options))
    return added.id as string
  }

  /** Lets a waiting job run on this node. Of all who try, one gets it. */
  async take(task: string, job: string, isDelayed: boolean): Promise<Job | null> {
    const { ask } = this
    if (isDelayed) await ask(() => this.#queue(task).getBackend().promote(job)).catch(unlessAnswer)
    const taken = (await ask(() => this.#worker(task).getNextJob(job, { block: false }))) as Job | undefined
    if (taken?.id === job) return taken
    // The one that was meant is gone, and BullMQ gave the next one.
    if (taken?.id) await this.giveBack(task, taken.id, job)
    return null
  }

  /** Frees the slot that a running job holds, and keeps its run. Of all who try, one succeeds. */
  async settle(task: string, job: string, run: Run): Promise<boolean> {
    return this.#end(task, job, run)
  }

  /** Frees the slot that a waiting job holds, and keeps nothing. Of all who try, one succeeds. */
  async discard(task: string, job: string, isDelayed: boolean): Promise<boolean> {
    return (await this.take(task, job, isDelayed)) !== null && this.#end(task, job, null)
  }

  /** Frees the slot, whatever holds it: only for a job that nobody can be running. */
  async clear(task: string, job: string): Promise<void> {
    await this.take(task, job, true)
    if (await this.#end(task, job, null)) return
    // Whoever died may have locked it in the name of another job.
    await this.ask(() => this.#queue(task).getBackend().removeDeduplicationKey(task, job))
  }

  /** Which job holds the slot; `null` when it is free. */
  async holder(task: string): Promise<Holder | null> {
    const { ask } = this
    const job = await ask(() => this.#queue(task).getDeduplicationJobId(task))
    return job === null ? null : this.holderOf(task, job)
  }

  /** What is known of a job that waits or runs. */
  async holderOf(task: string, job: string): Promise<Holder | null> {
    const found = await this.ask(() => this.#queue(task).getJob(job))
    if (!found || found.finishedOn) return null
    // One that was given back waits, and still names the node that had it.
    const isTaken = found.processedOn !== undefined && (await this.ask(() => found.isActive()))
    return { job, since: found.timestamp, node: isTaken ? (found.processedBy ?? '') : null }
  }

  /** The run of a job that has ended; `null` when there is none. */
  async ended(task: string, job: string): Promise<Run | null> {
    const found = await this.ask(() => this.#queue(task).getJob(job))
    return (found?.returnvalue as Run | undefined) ?? null
  }

  /** Runs that ended, newest first. */
  async history(task: string): Promise<Run[]> {
    const jobs = await this.ask(() => this.#queue(task).getJobs(['completed'], 0, -1, false))
    return jobs.flatMap((job) => (job?.returnvalue ? [job.returnvalue as Run] : []))
  }

  /** Lets a job that was taken wait again. */
  async giveBack(task: string, job: string, token = job): Promise<void> {
    await this.ask(() => this.#queue(task).getBackend().moveJobFromActiveToWait(job, token)).catch(unlessAnswer)
  }

  private readonly ask = <Answer>(question: () => Promise<Answer>) => this.#connection.ask(question)

  async #end(task: string, job: string, run: Run | null): Promise<boolean> {
    const found = await this.ask(() => this.#queue(task).getJob(job))
    if (!found || found.finishedOn) return false
    if (run === null) found.opts.removeOnComplete = true
    try {
      await this.ask(() => found.moveToCompleted(run, job, false))
      return true
    } catch (error) {
      unlessAnswer(error)
      return false
    }
  }

  #queue(task: string): TaskQueue {
    const { name, options, backend } = this.#of(task)
    const queue: TaskQueue =
      this.#queues.get(backend) ?? new Queue(name, { ...options, skipMetasUpdate: true }, () => backend)
    this.#queues.set(backend, queue)
    return queue
  }

  #worker(task: string): TaskWorker {
    const { name, options, backend } = this.#of(task)
    const worker: TaskWorker =
      this.#workers.get(backend) ??
      new Worker(name, null, { ...options, autorun: false, name: this.#node }, () => backend)
    this.#workers.set(backend, worker)
    return worker
  }

  #of(task: string) {
    const { prefix, name } = this.#connection.nameOf(`task.${task}`)
    return { name, options: { connection: {}, prefix }, backend: this.#connection.queue(`task.${task}`) }
  }
}

function unlessAnswer(error: unknown): void {
  if (!isAnswer(error)) throw error
}
