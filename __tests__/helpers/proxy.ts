import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line to a server that can be cut, or be made to swallow what is sent. */
export interface TestProxy {
  readonly port: number
  /** From now on nothing is passed on, in either direction, and nobody is told. */
  swallow(): void
  /** Breaks every connection, and refuses new ones. */
  cut(): void
  /** Swallows once so many more pieces have come from the client. */
  swallowAfter(pieces: number): void
  /** Breaks once so many more pieces have come from the client. */
  cutAfter(pieces: number): void
  /** What is sent on new connections arrives; those that swallowed go on swallowing. */
  mend(): void
  close(): Promise<void>
}

export async function openProxy(target: { host: string; port: number }): Promise<TestProxy> {
  const sockets = new Set<Socket>()
  let isCut = false
  let isSwallowing = false
  let piecesLeft = Number.POSITIVE_INFINITY
  let cutLeft = Number.POSITIVE_INFINITY
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((near) => {
    sockets.add(near)
    near.on('close', () => sockets.delete(near)).on('error', () => {})
    if (isCut) return void near.destroy()
    const far = connect(target)
    sockets.add(far)
    far.on('close', () => near.destroy()).on('error', () => {})
    near.on('close', () => far.destroy())
    let isLost = isSwallowing
    const pass = (to: Socket) => (chunk: Buffer) => {
      isLost ||= isSwallowing
      if (!isLost) to.write(chunk)
    }
    near.on('data', (chunk: Buffer) => {
      isSwallowing ||= piecesLeft-- <= 0
      if (cutLeft-- <= 0) return cut()
      pass(far)(chunk)
    })
    far.on('data', pass(near))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    swallow() {
      isSwallowing = true
    },
    swallowAfter(pieces) {
      piecesLeft = pieces
    },
    cutAfter(pieces) {
      cutLeft = pieces
    },
    cut,
    mend() {
      isCut = false
      isSwallowing = false
      piecesLeft = Number.POSITIVE_INFINITY
      cutLeft = Number.POSITIVE_INFINITY
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
