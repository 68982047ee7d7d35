import type { Plan } from '../../lib/engine/plan'
import type { Run } from '../../lib/engine/run'
import type { StartAnswer, StopAnswer, TaskStatus } from '../../lib/registry'
import type { NodeOptions } from './node-process'
import { type Fact, type Talker, talker } from './processes'

interface Calls {
  start: StartAnswer
  stop: StopAnswer
  startAll: Plan
  stopAll: null
  list: TaskStatus[]
  history: Run[]
  settings: { enabled: Record<string, boolean>; window: { opensAt: string } }
  configure: unknown
  plan: Plan
  close: { left: string[] }
  block: string
}

/** What a call came to. */
export interface Answer<Value> {
  value?: Value
  code?: string
  ms: number
}

/** A process with a Butler, as a test sees it. */
export interface TestNode extends Talker {
  call<Name extends keyof Calls>(name: Name, ...args: unknown[]): Promise<Answer<Calls[Name]>>
  /** Ids of the runs that it was called for. */
  calledFor(): unknown[]
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Asks it over HTTP: `POST /butler/Slow`. */
  request(method: string, task?: string): Promise<HttpAnswer>
}

/** What an HTTP client gets. */
export interface HttpAnswer {
  status: number
  body: string
  retryAfter: string | null
  ms: number
}

let calls = 0

/** Starts a process with a Butler; it is not open yet. */
export function launchNode(program: string, options: NodeOptions): TestNode {
  const process_ = talker(process.execPath, program, JSON.stringify(options))
  return {
    ...process_,
    async call(name, ...args) {
      const id = calls++
      const answered = process_.next(`answer${id}`)
      process_.say(JSON.stringify({ id, call: name, args }))
      const fact: Fact = await answered
      return { ...(fact[`answer${id}`] as object), ms: fact.ms as number } as never
    },
    calledFor: () => process_.told.flatMap(({ called, runId }) => (called ? [runId] : [])),
    signal: (name) => void process.kill(process_.pid, name),
    async request(method, task = '') {
      const port = process_.told.find((fact) => 'port' in fact)?.port
      const began = performance.now()
      const answer = await fetch(`http://127.0.0.1:${port}/butler/${task}`, { method })
      const body = await answer.text()
      return {
        status: answer.status,
        body,
        retryAfter: answer.headers.get('retry-after'),
        ms: performance.now() - began,
      }
    },
  }
}

/** Starts a process, and waits until its Butler is open. */
export async function openNode(program: string, options: NodeOptions): Promise<TestNode> {
  const node = launchNode(program, options)
  await node.next('open')
  return node
}

/** Tries until it holds, for as long as the test may last. */
export async function eventually(check: () => void | Promise<void>, timeoutMs = 30_000): Promise<void> {
  const end = performance.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
