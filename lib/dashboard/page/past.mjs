import { ask } from './api.mjs'

/** @import { NightWithRuns, Timeline } from '../nights' */
/** @import { RunSummary } from '../histories' */

/** The last fortnight, and the hours of one of its nights or around now. */
export class Past {
  /** Newest first. @type {NightWithRuns[]} */
  nights = []
  /** `null` until it has been read. @type {Timeline | null} */
  timeline = null
  #date

  /** @param {string} [date] the night to look back on; without it, the hours are those around now */
  constructor(date) {
    this.#date = date
  }

  get isToday() {
    return this.#date === undefined
  }

  /** The night that is looked back on, if it is one of the fortnight. */
  get chosen() {
    return this.nights.find(({ date }) => date === this.#date)
  }

  async load() {
    const [fortnight, today] = await Promise.all([ask('GET api/nights'), this.isToday && ask('GET api/timeline')])
    this.nights = fortnight.nights
    this.timeline = today || (await this.#lookBack())
  }

  /** @returns {Promise<Timeline>} */
  #lookBack() {
    const { chosen } = this
    return ask(chosen ? `GET api/timeline?around=${middleOf(chosen)}` : 'GET api/timeline')
  }

  /** Takes in a run that began or ended. @param {RunSummary} run */
  hear(run) {
    if (this.timeline) this.timeline.runs = withRun(this.timeline.runs, run)
    this.nights = this.nights.map((night) => (isIn(night, run) ? { ...night, runs: withRun(night.runs, run) } : night))
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
