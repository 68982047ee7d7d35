import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A registry of npm's on this machine, which answers as a test wants it. */
export class LocalRegistry {
  /** What it was asked, oldest first. */
  readonly asked: IncomingMessage[] = []
  /** How many connections are open. */
  connections = 0
  answer: RequestListener
  readonly #server: Server

  private constructor(answer: RequestListener, secure: { cert: string; key: string } | undefined) {
    this.answer = answer
    const listener: RequestListener = (request, response) => {
      this.asked.push(request)
      this.answer(request, response)
    }
    this.#server = secure ? createSecureServer(secure, listener) : createServer(listener)
    this.#server.on('connection', (socket) => {
      this.connections += 1
      socket.on('close', () => {
        this.connections -= 1
      })
    })
  }

  static async open(answer: RequestListener, secure?: { cert: string; key: string }): Promise<LocalRegistry> {
    const registry = new LocalRegistry(answer, secure)
    await once(registry.#server.listen(0, '127.0.0.1'), 'listening')
    return registry
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `${this.#server instanceof Server ? 'http' : 'https'}://${this.host}/`
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

const registries: LocalRegistry[] = []

/** A registry that `closeRegistries` closes. */
export async function aRegistry(
  answer: RequestListener,
  secure?: { cert: string; key: string },
): Promise<LocalRegistry> {
  const registry = await LocalRegistry.open(answer, secure)
  registries.push(registry)
  return registry
}

/** After each test. */
export async function closeRegistries(): Promise<void> {
  for (const registry of registries.splice(0)) await registry.close()
}

/** Answers as a registry does where the package has these tags, and knows its own ETag again. */
export function publishes(tags: Record<string, unknown>, etag?: string): RequestListener {
  return (request, response) => {
    if (etag) response.setHeader('ETag', etag)
    if (etag && request.headers['if-none-match'] === etag) response.writeHead(304).end()
    else response.writeHead(200).end(JSON.stringify({ name: 'express-butler', 'dist-tags': tags }))
  }
}

/** Answers so, whatever is asked. */
export const says =
  (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body)
