import { byId, write } from './element.mjs'

/** How long a line may be broken before anybody is worried, in milliseconds: the server closes it now and then. */
const PATIENCE_MS = 4_000

const kinds = ['task', 'night', 'settings', 'run', 'log', 'reset', 'away', 'back']

/**
 * Follows what happens after a position. `EventSource` comes back by itself with the last id it has seen; a page that nobody looks
 * at lets go of its line, of which a browser has only six.
 *
 * @param {() => Promise<string>} load reads the state again, and says its position
 * @param {(kind: string, data: any) => void} hear
 */
export function follow(load, hear) {
  /** @type {EventSource | null} */
  let source = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let worry

  function fine() {
    clearTimeout(worry)
    worry = undefined
    show('live', 'Live')
  }

  function worried() {
    worry ??= setTimeout(() => show('broken', 'No connection; trying again'), PATIENCE_MS)
  }

  /** @param {string} kind @param {any} data */
  function take(kind, data) {
    if (kind === 'reset') void load().catch(worried)
    else if (kind === 'away') show('broken', 'The Butler cannot be reached; this is how it was')
    else if (kind === 'back') fine()
    else hear(kind, data)
  }

  /** @param {string} position */
  function open(position) {
    source?.close()
    source = new EventSource(`api/events?after=${encodeURIComponent(position)}`)
    source.onopen = fine
    source.onerror = () => {
      worried()
      if (source?.readyState === EventSource.CLOSED) setTimeout(restart, PATIENCE_MS)
    }
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => take(kind, JSON.parse(event.data)))
    }
  }

  async function restart() {
    if (document.hidden) return
    try {
      open(await load())
    } catch {
      worried()
      setTimeout(restart, PATIENCE_MS)
    }
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) source?.close()
    else void restart()
  })
  window.addEventListener('pagehide', () => source?.close())
  return { open, restart }
}

/** @param {string} state @param {string} words */
function show(state, words) {
  const line = byId('line')
  line.dataset.line = state
  write(line, words)
}
