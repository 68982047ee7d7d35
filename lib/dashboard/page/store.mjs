import { ask } from './api.mjs'
import { setNow } from './time.mjs'

/** @import { PlacedBoard, TaskRow } from '../board' */

/** @typedef {(kind: string, data: any) => void} Hear */

/** What this page knows, and who wants to be told when that changes. */
export class Store {
  /** @type {PlacedBoard} */
  board = /** @type {PlacedBoard} */ ({})
  mayOperate = false
  /** Where to sign out; `null`: nowhere. @type {string | null} */
  signOutAt = null
  /** @type {Set<Hear>} */
  listeners = new Set()

  /** Reads everything again, and says what the reading came after. */
  async load() {
    const { mayOperate, signOutAt, ...board } = await ask('GET api/board')
    this.board = board
    this.mayOperate = mayOperate
    this.signOutAt = signOutAt
    setNow(board.now)
    this.tell('board', board)
    return this.board.position
  }

  /** Takes in what happened. @type {Hear} */
  hear(kind, data) {
    const { board } = this
    if (kind === 'task') board.tasks = board.tasks.map((task) => (task.name === data.name ? data : task))
    if (kind === 'night') Object.assign(board, data)
    if (kind === 'settings') board.settings = data
    this.tell(kind, data)
  }

  /** @type {Hear} */
  tell(kind, data) {
    for (const listener of this.listeners) listener(kind, data)
  }

  get zone() {
    return this.board.settings.window.timeZone
  }

  /** @param {string} name @returns {TaskRow | undefined} */
  task(name) {
    return this.board.tasks.find((task) => task.name === name)
  }
}
