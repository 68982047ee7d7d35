import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Piscina } from 'piscina'

type Jobs = typeof import('./jobs')
export type JobName = keyof Jobs
type Input<Name extends JobName> = Parameters<Jobs[Name]>[0]
type Result<Name extends JobName> = Awaited<ReturnType<Jobs[Name]>>

/** As many as tasks that the Butler runs side by side. */
const THREADS = 2
/** How long a thread that has nothing to do is kept, in milliseconds: starting one takes a tenth of that. */
const IDLE_MS = 2_000
/** Most memory for the JavaScript of one thread, in megabytes: a hostile file ends its job, and not the server. */
const MOST_MEMORY_MB = 512

export interface JobOptions {
  /** What is handed over instead of copied. */
  transfer?: ArrayBuffer[]
  /** After so many milliseconds the thread is ended, and the job rejects. Default: it may take for ever. */
  longestMs?: number
}

/** The jobs as JavaScript also where this file runs as TypeScript, under Jest. */
const filename = join(__dirname, __filename.endsWith('.ts') ? '../dist/workers' : '', 'jobs.js')

/** Threads for what would keep the server from answering: reading pictures and tags, counting packets. */
export class Workers {
  #pool: Piscina | undefined

  /**
   * Does a job in a thread. A stop ends the thread, whatever it is in the middle of, and rejects with the signal's reason; what the
   * job itself throws is rejected with as it is.
   */
  async run<Name extends JobName>(
    name: Name,
    input: Input<Name>,
    signal: AbortSignal,
    { transfer = [], longestMs = Infinity }: JobOptions = {},
  ): Promise<Result<Name>> {
    signal.throwIfAborted()
    const job = new AbortController()
    const stop = () => job.abort(signal.reason)
    const tooLong = () => job.abort(new Error(`took longer than ${longestMs / 1_000} seconds`))
    const timer = longestMs < Infinity ? setTimeout(tooLong, longestMs) : undefined
    signal.addEventListener('abort', stop)
    try {
      return await this.#threads().run(input, { name, signal: job.signal, transferList: transfer })
    } catch (error) {
      job.signal.throwIfAborted()
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    await this.#pool?.destroy()
  }

  /** Made when first needed: most evenings, there is nothing to do. */
  #threads(): Piscina {
    if (!existsSync(filename))
      throw new Error(`There is no ${filename}; the example has not been compiled: npm run build`)
    this.#pool ??= new Piscina({
      filename,
      minThreads: 0,
      maxThreads: THREADS,
      idleTimeout: IDLE_MS,
      // The server comes first where both want the processor.
      niceIncrement: 10,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
    })
    return this.#pool
  }
}
