/** @import { TaskRow } from '../board' */
/** @import { Store } from './store.mjs' */

/** @typedef {{ element: HTMLElement, update: (task: TaskRow) => void }} Piece */

/**
 * Keeps a piece of the page for each task in a parent. Machines come and go, and with them what they can do; pieces come and go with
 * that, and those that stay are not moved, so that nobody loses what has the focus.
 *
 * @param {HTMLElement} parent
 * @param {Store} store
 * @param {(task: TaskRow) => Piece} make
 */
export function eachTask(parent, store, make) {
  /** @type {Map<string, Piece>} */
  const pieces = new Map()

  function meet() {
    const { tasks } = store.board
    const names = new Set(tasks.map(({ name }) => name))
    for (const [name, { element }] of pieces) {
      if (names.has(name)) continue
      element.remove()
      pieces.delete(name)
    }
    for (const [index, task] of tasks.entries()) {
      if (pieces.has(task.name)) continue
      const piece = make(task)
      pieces.set(task.name, piece)
      parent.insertBefore(piece.element, parent.children[index] ?? null)
    }
  }

  /** @param {string} [name] only this task */
  function update(name) {
    meet()
    for (const task of store.board.tasks)
      if (name === undefined || name === task.name) pieces.get(task.name)?.update(task)
  }

  update()
  return update
}
