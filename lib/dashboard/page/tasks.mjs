import { ask, Refusal, taskPath } from './api.mjs'
import { fill, h, write } from './element.mjs'
import { durationOf, outcomeChip, remaining } from './outcome.mjs'
import { announce, complain } from './say.mjs'
import { lasting, roughly, timeIn } from './time.mjs'
import { runAddress } from './timeline.mjs'

/** @import { TaskRow } from '../board' */
/** @import { Store } from './store.mjs' */

const stateWords = {
  idle: 'resting',
  scheduled: 'scheduled',
  queued: 'waiting',
  running: 'running',
  stopping: 'stopping',
}

/** Every task, a row each. @param {Store} store */
export function tasksTable(store) {
  /** @type {Map<string, ReturnType<typeof taskRow>>} */
  const rows = new Map()
  const body = h('tbody', { role: 'rowgroup' })
  const heads = ['Task', 'State', 'Next', 'Last run', 'By itself', ...(store.mayOperate ? ['Actions'] : [])]
  const element = h(
    'table',
    { class: 'tasks', role: 'table' },
    h('caption', { class: 'unseen' }, 'All tasks'),
    h(
      'thead',
      { role: 'rowgroup' },
      h('tr', { role: 'row' }, ...heads.map((head) => h('th', { scope: 'col', role: 'columnheader' }, head))),
    ),
    body,
  )

  /** Machines come and go, and with them what they can do. */
  function meet() {
    const names = store.board.tasks.map(({ name }) => name)
    if (String(names) === String([...rows.keys()])) return
    const known = new Map(rows)
    rows.clear()
    for (const name of names) rows.set(name, known.get(name) ?? taskRow(name, store))
    body.replaceChildren(...[...rows.values()].map((row) => row.element))
  }

  meet()
  return {
    element,
    /** @param {string} [name] only this task */
    update(name) {
      meet()
      for (const task of store.board.tasks)
        if (name === undefined || name === task.name) rows.get(task.name)?.update(task)
    },
  }
}

/** @param {string} name @param {Store} store */
function taskRow(name, store) {
  const state = stateCell()
  const next = h('td', { role: 'cell', 'data-head': 'Next' })
  const last = h('td', { role: 'cell', 'data-head': 'Last run' })
  const toggle = switchOf(name, store)
  const buttons = store.mayOperate ? taskButtons(name, store) : null
  const task = /** @type {TaskRow} */ (store.task(name))
  const element = h(
    'tr',
    { role: 'row' },
    h(
      'th',
      { scope: 'row', role: 'rowheader' },
      h('a', { class: 'title', href: `#/tasks/${encodeURIComponent(name)}` }, task.title ?? name),
      h('span', { class: 'description' }, task.description ?? ''),
    ),
    state.element,
    next,
    last,
    h('td', { role: 'cell', 'data-head': 'By itself' }, toggle.element),
    buttons && h('td', { role: 'cell', class: 'actions' }, buttons.element),
  )
  /** @param {TaskRow} task */
  function update(task) {
    element.dataset.state = task.state
    state.update(task)
    fill(next, ...nextOf(task, store.zone))
    fill(last, ...lastOf(task, store.zone))
    toggle.update(task)
    buttons?.update(task)
  }
  update(task)
  return { element, update }
}

/** What it does now; only what changes is written, since it may change four times a second. */
function stateCell() {
  const chip = h('span', { class: 'chip' })
  const bar = h('progress', { max: 1, 'aria-label': 'Progress' })
  const message = h('span', { class: 'small' })
  const element = h('td', { role: 'cell', 'data-head': 'State' }, chip, bar, message)
  /** @param {TaskRow} task */
  function update(task) {
    const { state, progress, progressMessage } = task
    const isActive = state === 'running' || state === 'stopping'
    chip.dataset.state = state
    write(chip, stateWords[state])
    bar.hidden = !isActive
    if (isActive && progress !== undefined) bar.value = progress
    else if (bar.hasAttribute('value')) bar.removeAttribute('value')
    const percent = progress === undefined ? null : `${Math.round(progress * 100)} %`
    write(message, isActive ? [percent, progressMessage, remaining(task)].filter(Boolean).join(' · ') : '')
  }
  return { element, update }
}

/** @param {TaskRow} task @param {string} zone */
function nextOf({ enabled, scheduledFor, nextRun, tonight, state }, zone) {
  const at = scheduledFor ?? (state === 'running' || state === 'stopping' ? undefined : nextRun)
  const exact =
    at === undefined ? null : h('span', {}, timeIn(at, zone), ' ', h('span', { class: 'small' }, roughly(at)))
  const why = tonight && h('span', { class: 'small why' }, tonight.sentence)
  return [enabled || at !== undefined ? exact : h('span', {}, 'Only by hand'), why]
}

/** @param {TaskRow} task @param {string} zone */
function lastOf({ name, lastRun }, zone) {
  if (!lastRun) return [h('span', { class: 'small' }, 'never ran')]
  const { id, outcome, error, startedAt } = lastRun
  const took = outcome === null ? 'since' : `${lasting(durationOf(lastRun))} ·`
  return [
    h('a', { class: 'plain', href: runAddress(name, id) }, outcomeChip(outcome)),
    h('span', { class: 'small' }, `${took} `, timeIn(startedAt, zone)),
    error && h('span', { class: 'small error' }, error),
  ]
}

/** @param {string} name @param {Store} store */
export function switchOf(name, store) {
  const { title } = store.task(name) ?? {}
  const box = h('input', {
    type: 'checkbox',
    role: 'switch',
    'aria-label': `${title ?? name} runs by itself`,
    disabled: !store.mayOperate,
    onchange: flip,
  })
  async function flip() {
    const isOn = box.checked
    try {
      const settings = await ask('PATCH api/settings', {
        body: { enabled: { [name]: isOn } },
        seen: store.board.settings.version,
      })
      store.hear('settings', settings)
      announce(`${title ?? name} ${isOn ? 'runs by itself again' : 'no longer runs by itself'}.`)
    } catch (error) {
      complain(error)
      if (error instanceof Refusal && error.status === 412) await store.load()
      box.checked = store.board.settings.enabled[name] === true
    }
  }
  return {
    element: box,
    /** @param {TaskRow} task */
    update({ enabled }) {
      if (document.activeElement !== box || box.checked !== enabled) box.checked = enabled
    },
  }
}

/** Start, or stop, whichever makes sense. @param {string} name @param {Store} store */
export function taskButtons(name, store) {
  const title = store.task(name)?.title ?? name
  const start = h(
    'button',
    { type: 'button', 'aria-label': `Start ${title}`, onclick: () => act('POST', 'has been started') },
    'Start',
  )
  const stop = h(
    'button',
    { type: 'button', 'aria-label': `Stop ${title}`, class: 'stop', onclick: () => act('DELETE', 'has been stopped') },
    'Stop',
  )

  /** @param {'POST' | 'DELETE'} method @param {string} done */
  async function act(method, done) {
    const pressed = method === 'POST' ? start : stop
    pressed.setAttribute('aria-busy', 'true')
    try {
      const { answer } = await ask(`${method} ${taskPath(name)}`)
      announce(`${title} ${words[/** @type {keyof typeof words} */ (answer)] ?? done}.`)
    } catch (error) {
      complain(error)
    } finally {
      pressed.removeAttribute('aria-busy')
    }
  }

  return {
    element: h('span', { class: 'buttons' }, start, stop),
    /** What is disabled would lose the focus of whoever just pressed it. @param {TaskRow} task */
    update({ state }) {
      const [canStart, canStop] = [state !== 'running' && state !== 'stopping', state !== 'idle']
      const hadFocus = document.activeElement === start || document.activeElement === stop
      start.hidden = !canStart
      stop.hidden = !canStop
      write(
        stop,
        state === 'scheduled' || state === 'queued' ? 'Take off' : state === 'stopping' ? 'Stopping…' : 'Stop',
      )
      const shown = canStart ? start : stop
      if (hadFocus && document.activeElement !== start && document.activeElement !== stop) shown.focus()
    },
  }
}

const words = {
  started: 'has been started',
  'already-running': 'was already running',
  stopped: 'has been stopped',
  'not-running': 'was not running',
  stopping: 'has been asked to stop, and has not ended yet',
}
