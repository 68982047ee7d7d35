import { once } from 'node:events'
import { setPriority, constants as system } from 'node:os'
import { type Child, complaintOf, killChild, startChild } from './child'
import { guard } from './guard'
import type { FromLauncher, Start, ToLauncher } from './messages'

/** Starts programs for its server and hands on what they write, piece by piece. It loads little, to stay small. */

const running = new Map<number, Child>()

// The server comes first where both want the processor. What is started here takes after it.
setPriority(system.priority.PRIORITY_BELOW_NORMAL)

// Ctrl-C reaches this process, too: the server decides what is to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

process.on('disconnect', () => {
  for (const child of running.values()) killChild(child)
  process.exit()
})

process.on('message', (message: ToLauncher) => {
  if (message.kind === 'start') return void carryOut(message)
  const child = running.get(message.id)
  if (!child) return
  if (message.kind === 'take') child.stdout.resume()
  if (message.kind === 'kill') killChild(child)
  if (message.kind === 'feed') feed(message.id, child, message.text)
})

async function carryOut(start: Start): Promise<void> {
  const { id, isFed } = start
  try {
    const child = startChild(start)
    running.set(id, child)
    handOn(id, child)
    if (isFed) tell({ kind: 'hungry', id })
    const [complaint, [exitCode, endedBy]] = await Promise.all([
      complaintOf(child),
      once(child, 'close'),
      guard(child, once(child, 'exit')),
    ])
    tell({ kind: 'ended', id, exitCode, endedBy, complaint })
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    tell({ kind: 'failed', id, message, code })
  } finally {
    running.delete(id)
  }
}

/** Piece by piece, each once it is asked for. */
function handOn(id: number, { stdout }: Child): void {
  stdout.pause()
  stdout.on('data', (piece: Buffer) => {
    stdout.pause()
    tell({ kind: 'wrote', id, piece })
  })
}

function feed(id: number, { stdin }: Child, text: string | null): void {
  if (text === null) stdin?.end()
  else stdin?.write(text, (error) => error ?? tell({ kind: 'hungry', id }))
}

/** A server that has gone needs no answer. */
function tell(message: FromLauncher): void {
  process.send?.(message, undefined, undefined, () => {})
}
