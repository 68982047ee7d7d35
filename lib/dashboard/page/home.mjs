import { ask } from './api.mjs'
import { confirmed } from './confirm.mjs'
import { fill, h, write } from './element.mjs'
import { outcomeWords } from './outcome.mjs'
import { announce, complain } from './say.mjs'
import { tasksTable } from './tasks.mjs'
import { clockTime, dayOf, ownZone, roughly, timeIn, when } from './time.mjs'
import { draw, legend } from './timeline.mjs'

/** @import { Decision } from '../../engine/plan' */
/** @import { NightWithRuns, Timeline } from '../nights' */
/** @import { RunSummary } from '../histories' */
/** @import { Store } from './store.mjs' */

/** What runs now, what ran and what will: the first screen. @param {Store} store @param {string} [night] a night to look back on, by its date */
export function homeView(store, night) {
  const headline = h('h2', { tabindex: '-1' })
  const subline = h('p', { class: 'small' })
  const picture = h('div', { class: 'picture' })
  const fortnight = h('ol', { class: 'fortnight' })
  const table = tasksTable(store)
  const element = h(
    'div',
    {},
    h(
      'section',
      { class: 'panel', 'aria-label': 'Tonight' },
      h('div', { class: 'row' }, h('div', {}, headline, subline), store.mayOperate && allButtons(store)),
      picture,
      legend(),
    ),
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'nights' },
      h('h3', { id: 'nights' }, 'The last fortnight'),
      fortnight,
    ),
    h('section', { class: 'panel wide', 'aria-labelledby': 'tasks' }, h('h3', { id: 'tasks' }, 'Tasks'), table.element),
  )

  /** @type {Timeline | null} */
  let timeline = null
  /** @type {NightWithRuns[]} */
  let nights = []
  let isDrawing = false

  async function loadPast() {
    const told = await Promise.all([ask('GET api/nights'), night === undefined && ask('GET api/timeline')])
    nights = told[0].nights
    const chosen = nights.find(({ date }) => date === night)
    timeline = chosen
      ? await ask(`GET api/timeline?around=${middleOf(chosen)}`)
      : told[1] || (await ask('GET api/timeline'))
    redraw()
  }

  function redraw() {
    if (isDrawing) return
    isDrawing = true
    requestAnimationFrame(() => {
      isDrawing = false
      write(headline, headlineOf(store, nights, night))
      fill(subline, ...sublineOf(store, night))
      fill(fortnight, ...nights.toReversed().map((each) => nightItem(each, store.zone, night)))
      const width = Math.floor(picture.clientWidth)
      if (!timeline || width === 0) return
      keepFocus(picture, () =>
        fill(
          picture,
          draw(
            {
              timeline: /** @type {Timeline} */ (timeline),
              tasks: store.board.tasks,
              zone: store.zone,
              isToday: night === undefined,
            },
            width,
          ),
        ),
      )
    })
  }

  /** @param {string} kind @param {any} data */
  function hear(kind, data) {
    if (kind === 'task') table.update(data.name)
    if (kind === 'settings' || kind === 'board') table.update()
    if (kind === 'run') {
      if (timeline) timeline.runs = withRun(timeline.runs, data)
      nights = nights.map((each) => (isIn(each, data) ? { ...each, runs: withRun(each.runs, data) } : each))
    }
    if (kind === 'night' || kind === 'settings' || kind === 'board') loadPast().catch(complain)
    redraw()
  }

  const size = new ResizeObserver(redraw)
  size.observe(picture)
  const minute = setInterval(() => loadPast().catch(() => {}), 60_000)
  const second = setInterval(() => table.update(), 1_000)
  store.listeners.add(hear)
  redraw()
  return {
    element,
    headline,
    title: night ?? 'Tonight',
    ready: loadPast(),
    close() {
      size.disconnect()
      clearInterval(minute)
      clearInterval(second)
      store.listeners.delete(hear)
    },
  }
}

/** Draws anew without taking the focus from a bar. @param {Element} picture @param {() => void} redraw */
function keepFocus(picture, redraw) {
  const href = picture.contains(document.activeElement) ? document.activeElement?.getAttribute('href') : null
  redraw()
  if (href && !picture.contains(document.activeElement)) {
    for (const link of picture.querySelectorAll('a')) if (link.getAttribute('href') === href) link.focus()
  }
}

/** @param {{ opensAt: string, closesAt: string }} night */
function middleOf({ opensAt, closesAt }) {
  return new Date((Date.parse(opensAt) + Date.parse(closesAt)) / 2).toISOString()
}

/** @param {NightWithRuns} night @param {RunSummary} run */
function isIn({ opensAt, closesAt }, { startedAt }) {
  return opensAt <= startedAt && startedAt < closesAt
}

/** @param {RunSummary[]} runs @param {RunSummary} run */
function withRun(runs, run) {
  return [...runs.filter(({ id }) => id !== run.id), run].sort((one, other) =>
    one.startedAt < other.startedAt ? -1 : 1,
  )
}

/** @param {Store} store @param {NightWithRuns[]} nights @param {string | undefined} date */
function headlineOf({ board, zone }, nights, date) {
  const past = nights.find((night) => night.date === date)
  if (past) return `The night of ${dayOf(past.opensAt, zone)}`
  const { night, isOpen } = board
  if (isOpen) return `The window is open until ${clockTime(night.closesAt, zone)}`
  return `The window opens ${when(night.opensAt, zone)}, ${roughly(night.opensAt)}`
}

/** @param {Store} store @param {string | undefined} date */
function sublineOf({ board, zone }, date) {
  if (date !== undefined) return [h('a', { href: '#/' }, 'Back to tonight')]
  const running = board.tasks.filter(({ state }) => state === 'running' || state === 'stopping').length
  const failed = board.tasks.filter(({ lastRun }) => lastRun?.outcome === 'failed').length
  const planned = board.tasks.filter(({ tonight }) => tonight && tonight.kind !== 'skip').length
  const parts = [
    running === 0 ? 'nothing runs now' : running === 1 ? 'one task runs now' : `${running} tasks run now`,
    `${planned} of ${board.tasks.length} tasks are due ${board.isOpen ? 'tonight' : 'then'}`,
    ...(failed > 0 ? [`${failed} failed last time`] : []),
    `times in ${zone}${zone === ownZone ? '' : `; you are in ${ownZone}`}`,
  ]
  return [parts.join(' · ')]
}

/** A night as a link, with a dot for each run. @param {NightWithRuns} night @param {string} zone @param {string | undefined} chosen */
function nightItem({ date, opensAt, closesAt, runs }, zone, chosen) {
  const hours = (Date.parse(closesAt) - Date.parse(opensAt)) / 3_600_000
  const counts = Object.entries(countsOf(runs)).map(([outcome, count]) => `${count} ${outcome}`)
  const words = `${counts.join(', ') || 'nothing ran'}; the window was open for ${Number(hours.toFixed(2))} hours`
  const dots = runs.slice(0, 24).map(({ outcome }) => h('i', { class: 'dot', 'data-outcome': outcome ?? 'running' }))
  const [weekday, ...day] = dayOf(opensAt, zone).split(' ')
  return h(
    'li',
    {},
    h(
      'a',
      { href: `#/nights/${date}`, title: words, 'aria-current': chosen === date && 'date' },
      h('span', { class: 'weekday' }, weekday),
      h('span', { class: 'date' }, day.join(' ')),
      h('span', { class: 'unseen' }, words),
      h('span', { class: 'dots', 'aria-hidden': 'true' }, ...dots),
    ),
  )
}

/** @param {RunSummary[]} runs */
function countsOf(runs) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const { outcome } of runs) {
    const word = outcome ? outcomeWords[outcome] : 'running'
    counts[word] = (counts[word] ?? 0) + 1
  }
  return counts
}

/** @param {Store} store */
function allButtons(store) {
  return h(
    'p',
    { class: 'buttons' },
    h('button', { type: 'button', onclick: () => startAll(store).catch(complain) }, 'Start all…'),
    h('button', { type: 'button', class: 'stop', onclick: () => stopAll(store).catch(complain) }, 'Stop all…'),
  )
}

/** Shows the plan, and carries it out only then. @param {Store} store */
async function startAll(store) {
  const { decisions } = await ask('GET api/plan')
  /** @param {Decision} decision */
  const line = ({ task, kind, reason, sentence }) =>
    h(
      'li',
      { 'data-kind': kind },
      h('b', {}, store.task(task)?.title ?? task),
      ' ',
      reason === 'random-instant' ? 'Is scheduled for a random moment of what is left of the window.' : sentence,
    )
  const acts = decisions.filter((/** @type {Decision} */ { kind }) => kind !== 'skip')
  const rests = decisions.filter((/** @type {Decision} */ { kind }) => kind === 'skip')
  const body = [
    acts.length === 0
      ? h('p', {}, 'There is nothing to start: every task rests, or runs already.')
      : h('ul', {}, ...acts.map(line)),
    rests.length > 0 &&
      h(
        'details',
        { open: acts.length === 0 },
        h('summary', {}, `${rests.length} are left alone`),
        h('ul', {}, ...rests.map(line)),
      ),
  ]
  if (!(await confirmed('Start all that is due?', body, acts.length > 0 ? `Start ${acts.length}` : null))) return
  const plan = await ask('POST api/tasks')
  const started = plan.decisions.filter((/** @type {Decision} */ { kind }) => kind !== 'skip').length
  announce(`${started} tasks were started or scheduled.`)
}

/** @param {Store} store */
async function stopAll(store) {
  const active = store.board.tasks.filter(({ state }) => state !== 'idle')
  const lines = active.map(({ name, title, state, scheduledFor }) =>
    h(
      'li',
      {},
      h('b', {}, title ?? name),
      ' ',
      state === 'running' || state === 'stopping' ? 'is asked to stop.' : 'is taken off the schedule',
      scheduledFor ? ', ' : '',
      scheduledFor ? timeIn(scheduledFor, store.zone) : '',
    ),
  )
  const body = [lines.length === 0 ? h('p', {}, 'Nothing runs, and nothing waits.') : h('ul', {}, ...lines)]
  if (!(await confirmed('Stop all?', body, active.length > 0 ? `Stop ${active.length}` : null))) return
  await ask('DELETE api/tasks')
  announce('All that ran was asked to stop, and all that waited was taken off.')
}
