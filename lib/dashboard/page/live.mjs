import { Refusal } from './api.mjs'
import { byId, write } from './element.mjs'

/** How long a line may be broken before anybody is worried, in milliseconds: the server closes it now and then. */
const PATIENCE_MS = 4_000

const kinds = ['task', 'night', 'settings', 'run', 'log', 'away', 'reset']

/**
 * Follows what happens on the server, and says at the top of the page whether it can. `EventSource` comes back by itself with the
 * last id it has seen; a page that nobody looks at lets go of its line, of which a browser has only six.
 */
export class Live {
  /** @type {EventSource | null} */
  #source = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #worry
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again
  /** Whether what is shown may be old, although there is a line. */
  #isAway = false
  #load
  #hear
  #refused

  /**
   * @param {() => Promise<string>} load reads the state again, and says its position
   * @param {(kind: string, data: any) => void} hear
   * @param {(error: Refusal) => void} refused told when whoever looks may do so no longer
   */
  constructor(load, hear, refused) {
    this.#load = load
    this.#hear = hear
    this.#refused = refused
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#letGo() : void this.start()))
    window.addEventListener('pagehide', () => this.#letGo())
  }

  /** Reads the state and follows what comes after it, again and again until it can. */
  async start() {
    this.#letGo()
    if (document.hidden) return
    try {
      this.#open(await this.#load())
      this.#isAway = false
    } catch (error) {
      this.#failed(error)
    }
  }

  /** @param {string} position */
  #open(position) {
    this.#letGo()
    const source = new EventSource(`api/events?after=${encodeURIComponent(position)}`)
    this.#source = source
    source.onopen = () => this.#isAway || this.#fine()
    source.onerror = () => {
      this.#worried()
      if (source.readyState === EventSource.CLOSED) this.#startAgain()
    }
    for (const kind of kinds) source.addEventListener(kind, ({ data }) => this.#heard(kind, JSON.parse(data)))
  }

  /** @param {string} kind @param {any} data */
  #heard(kind, data) {
    if (kind === 'away') this.#away()
    else if (kind === 'reset') void this.#readAgain()
    else this.#hear(kind, data)
  }

  async #readAgain() {
    try {
      await this.#load()
      this.#isAway = false
      this.#fine()
    } catch (error) {
      this.#failed(error)
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    const status = error instanceof Refusal ? error.status : 0
    if (status === 401 || status === 403) {
      this.#letGo()
      show('broken', 'Not connected')
      this.#refused(/** @type {Refusal} */ (error))
      return
    }
    if (status === 0) this.#worried()
    else this.#away()
    this.#startAgain()
  }

  #startAgain() {
    clearTimeout(this.#again)
    this.#again = setTimeout(() => this.start(), PATIENCE_MS)
  }

  #letGo() {
    clearTimeout(this.#again)
    this.#source?.close()
  }

  #fine() {
    clearTimeout(this.#worry)
    this.#worry = undefined
    show('live', 'Live')
  }

  #worried() {
    this.#worry ??= setTimeout(() => show('broken', 'No connection; trying again'), PATIENCE_MS)
  }

  #away() {
    this.#isAway = true
    show('broken', 'The Butler cannot be reached; this is how it was')
  }
}

/** @param {string} state @param {string} words */
function show(state, words) {
  const line = byId('line')
  line.dataset.line = state
  write(line, words)
}
