import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const started: ChildProcess[] = []

afterEach(async () => {
  await Promise.all(started.splice(0).map(kill))
})

/** Ends a process at once, as a power cut would, and resolves when it is gone. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** One line that a process told. */
export type Fact = Record<string, unknown>

/** A child process that tells what happens in lines of JSON. It is gone after the test. */
export interface Talker {
  pid: number
  /** Everything it told so far. */
  told: Fact[]
  /** The first line about `topic` that nobody waited for yet; rejects when the process ends without one. */
  next(topic: string): Promise<Fact>
  say(line: string): void
  kill(): Promise<void>
  /** Resolves when it has ended and all it told has been read. */
  ended: Promise<void>
}

/** Starts a process that talks. */
export function talker(command: string, ...args: string[]): Talker {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  started.push(child)
  child.stdin.on('error', () => {}) // It may be gone by the time it is spoken to.
  const told: Fact[] = []
  const unheard: Fact[] = []
  const waiting: { topic: string; resolve(fact: Fact): void; reject(error: Error): void }[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const fact: Fact = JSON.parse(line)
    told.push(fact)
    const listener = waiting.findIndex(({ topic }) => topic in fact)
    if (listener < 0) unheard.push(fact)
    else waiting.splice(listener, 1)[0]?.resolve(fact)
  })
  const ended = Promise.all([once(child, 'close'), once(lines, 'close')]).then(() => {
    for (const { topic, reject } of waiting)
      reject(new Error(`ended without "${topic}", after ${JSON.stringify(told.at(-1))}`))
  })
  const next = (topic: string) =>
    new Promise<Fact>((resolve, reject) => {
      const earlier = unheard.findIndex((fact) => topic in fact)
      if (earlier < 0) waiting.push({ topic, resolve, reject })
      else resolve(unheard.splice(earlier, 1)[0] as Fact)
    })
  return {
    pid: child.pid as number,
    told,
    next,
    say: (line) => void child.stdin.write(`${line}\n`),
    kill: () => kill(child),
    ended,
  }
}
