import { setTimeout as pause } from 'node:timers/promises'

export interface ListedTask {
  name: string
  state: string
  progressMessage?: string
  lastRun?: ListedRun
}

export interface ListedRun {
  id: string
  outcome: string | null
  error: string | null
  // biome-ignore lint/suspicious/noExplicitAny: each task has a result of its own
  result: any
}

/** A client of a running server's Butler, as a person with curl would be. */
export class ButlerClient {
  readonly #url: string
  readonly #headers: Record<string, string>

  constructor(address: string, token: string) {
    this.#url = `${address}/butler`
    this.#headers = { 'X-Plex-Token': token, Accept: 'application/json' }
  }

  async list(): Promise<ListedTask[]> {
    const answer = await fetch(this.#url, { headers: this.#headers })
    if (answer.status !== 200) throw new Error(`GET /butler: ${answer.status}`)
    const { ButlerTasks } = (await answer.json()) as { ButlerTasks: { ButlerTask: ListedTask[] } }
    return ButlerTasks.ButlerTask
  }

  /** The status of the answer. */
  async call(method: 'POST' | 'DELETE', path = ''): Promise<number> {
    const answer = await fetch(this.#url + path, { method, headers: this.#headers })
    await answer.text()
    return answer.status
  }

  /** The tasks once every one of them is idle. */
  async idle(): Promise<ListedTask[]> {
    for (;;) {
      const tasks = await this.list()
      if (tasks.every(({ state }) => state === 'idle')) return tasks
      await pause(20)
    }
  }

  /** Starts all tasks one by one, also those that are switched off, and resolves with how each ended. */
  async runAll(): Promise<(ListedRun & { name: string })[]> {
    for (const { name } of await this.list()) await this.call('POST', `/${name}`)
    return (await this.idle()).map(({ name, lastRun }) => {
      if (!lastRun) throw new Error(`${name} has not run.`)
      return { name, ...lastRun }
    })
  }
}
