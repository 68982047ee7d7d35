import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../example-app/dist/index.js', import.meta.url))
const TOKEN = 'token-of-the-bench'
const headers = { 'X-Plex-Token': TOKEN, Accept: 'application/json' }

/** Starts the example media server with data of its own, and resolves once it answers. Nobody is asked about updates, and no window opens meanwhile. */
export async function startExample(dataDir) {
  if (!existsSync(program)) throw new Error(`There is no ${program}; run npm run build -w example-app first.`)
  const hour = (new Date().getHours() + 12) % 24
  const window = [hour, (hour + 1) % 24].map((each) => `${String(each).padStart(2, '0')}:00`).join('-')
  const own = {
    PORT: '0',
    BUTLER_WINDOW: window,
    DATA_DIR: dataDir,
    BUTLER_TOKEN: TOKEN,
    npm_config_registry: 'http://127.0.0.1:9/',
  }
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ...own },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const url = `${await addressOf(child)}/butler`

  async function list() {
    const answer = await fetch(url, { headers })
    return (await answer.json()).ButlerTasks.ButlerTask
  }

  return {
    list,
    /** Also those that are switched off. */
    async startAll() {
      for (const { name } of await list()) await fetch(`${url}/${name}`, { method: 'POST', headers })
    },
    async idle() {
      while ((await list()).some(({ state }) => state !== 'idle'));
    },
    /** Also when it has ended by itself. */
    async stop() {
      const closed = child.exitCode === null && child.signalCode === null ? once(child, 'close') : undefined
      child.kill('SIGTERM')
      await closed
    },
  }
}

/** Goes on reading what the server says: one whose words nobody takes would have to wait. */
function addressOf(child) {
  let said = ''
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
      const [, address] = /listens on (\S+).*in order\./s.exec(said) ?? []
      if (address) resolve(address)
    })
    child.once('exit', () => reject(new Error(`The example ended before it answered.\n${said}`)))
  })
}
