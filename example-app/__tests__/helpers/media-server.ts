import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const servers: ServerProcess[] = []

/** A server that `killServers` ends, if it has not ended by then. */
export function startServer(env: NodeJS.ProcessEnv): ServerProcess {
  const server = new ServerProcess(env)
  servers.push(server)
  return server
}

/** After each test. */
export async function killServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.kill('SIGKILL')
    await server.ended()
  }
}

/** The server as `npm start` starts it. */
const program = join(__dirname, '../../dist/index.js')

/** The compiled server in a process of its own, and all that it says. */
export class ServerProcess {
  /** Standard output: what a person reads. */
  said = ''
  /** Standard error: the log. */
  log = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown[]>

  constructor(env: NodeJS.ProcessEnv) {
    if (!existsSync(program)) throw new Error(`There is no ${program}; npm run build && npm run build -w example-app`)
    this.#child = spawn(process.execPath, [program], {
      env: { PATH: process.env.PATH, PORT: '0', npm_config_offline: 'true', BUTLER_WINDOW: laterToday(), ...env },
    })
    this.#ended = once(this.#child, 'close')
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => (this.said += text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => (this.log += text))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  kill(signal: NodeJS.Signals): boolean {
    return this.#child.kill(signal)
  }

  /** The exit code, once the process is gone. */
  async ended(): Promise<unknown> {
    const [exitCode] = await this.#ended
    return exitCode
  }

  /** Where it can be reached, once it can. */
  async address(): Promise<string> {
    const [, address = ''] = await this.untilSaid(/listens on (\S+).*in order\./s)
    return address
  }

  async untilSaid(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.said)
      if (found) return found
      const more = once(this.#child.stdout as NodeJS.ReadableStream, 'data')
      const last = await Promise.race([more, this.#ended.then(() => 'ended')])
      if (last === 'ended') throw new Error(`The server ended too early.\n${this.said}${this.log}`)
    }
  }
}

/** A window that does not open while tests run, whatever the time is. */
function laterToday(): string {
  const hour = (new Date().getHours() + 12) % 24
  return [hour, (hour + 1) % 24].map((each) => `${String(each).padStart(2, '0')}:00`).join('-')
}
