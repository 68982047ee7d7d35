import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ProgramFailed } from './failure'
import type { FromLauncher, Start, ToLauncher } from './messages'
import { RunningProgram } from './running-program'

/** How long a process that has nothing to do is kept, in milliseconds: between two programs of a task there is less. */
const IDLE_MS = 250

/** The process as JavaScript also where this file runs as TypeScript, under Jest. */
const filename = join(__dirname, __filename.endsWith('.ts') ? '../dist/programs' : '', 'launcher-process.js')

/**
 * Has programs started by a small process, which is there while it has something to do: every start copies what the system knows of a
 * process's memory. In a server of 200 MB that holds up all requests: for 20 ms, on the virtual machine where this was measured.
 */
export class Launcher {
  readonly #idleMs: number
  readonly #running = new Map<number, RunningProgram>()
  #process: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #count = 0

  constructor({ idleMs = IDLE_MS } = {}) {
    this.#idleMs = idleMs
  }

  /** Starts a program. What its `input` says it is fed as fast as it reads; without one it finds its standard input empty. */
  start(program: Pick<Start, 'file' | 'args' | 'env'>, input?: Iterable<string>): RunningProgram {
    const id = ++this.#count
    const launcher = this.#awake()
    // One that has gone says so by its end.
    const tell = (message: ToLauncher) => void launcher.send(message, () => {})
    const running = new RunningProgram(id, tell, input)
    tell({ kind: 'start', id, ...program, isFed: input !== undefined })
    this.#running.set(id, running)
    return running
  }

  /** Ends a process that has nothing to do, and resolves once it is gone. */
  async rest(): Promise<void> {
    const launcher = this.#process
    if (!launcher || this.#running.size > 0) return
    clearTimeout(this.#idle)
    this.#process = undefined
    launcher.ref()
    const gone = once(launcher, 'exit')
    launcher.kill('SIGKILL')
    await gone
  }

  #awake(): ChildProcess {
    clearTimeout(this.#idle)
    this.#process ??= this.#fork()
    this.#process.ref()
    this.#process.channel?.ref()
    return this.#process
  }

  #fork(): ChildProcess {
    if (!existsSync(filename))
      throw new Error(`There is no ${filename}; the example has not been compiled: npm run build`)
    const launcher = fork(filename, {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    launcher.on('message', (message: FromLauncher) => this.#hear(message))
    launcher.once('error', (error) => this.#lose(launcher, error.message))
    launcher.once('exit', (code, signal) => this.#lose(launcher, `was ended by ${signal ?? `code ${code}`}`))
    return launcher
  }

  #hear(message: FromLauncher): void {
    this.#running.get(message.id)?.hear(message)
    if (message.kind !== 'ended' && message.kind !== 'failed') return
    this.#running.delete(message.id)
    if (this.#running.size === 0) this.#doze()
  }

  /** What has nothing to do keeps nobody from ending. */
  #doze(): void {
    this.#process?.unref()
    this.#process?.channel?.unref()
    this.#idle = setTimeout(() => void this.rest(), this.#idleMs).unref()
  }

  #lose(launcher: ChildProcess, why: string): void {
    if (launcher !== this.#process) return
    this.#process = undefined
    clearTimeout(this.#idle)
    for (const running of this.#running.values())
      running.lose(new ProgramFailed(`the process that had started it ${why}`))
    this.#running.clear()
  }
}
