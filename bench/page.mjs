import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { inTurns, row } from './rounds.mjs'

/** The first picture, on loopback, in milliseconds. */
const PROMISED_MS = 300
const LOADS = 20
const places = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** How soon the operator's page shows something, and its tasks, in a profile that never saw it (cold) and in one that did (warm). */
export async function page(options) {
  const executablePath = places.find((path) => existsSync(path))
  if (executablePath === undefined) return { text: 'page: there is no Chromium; CHROMIUM says where one is.', rows: [] }
  const server = fork(fileURLToPath(new URL('page-process.mjs', import.meta.url)))
  const [{ port }] = await once(server, 'message')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  try {
    const rows = []
    for (const count of [14, 100])
      rows.push(...(await measure(browser, `http://127.0.0.1:${port}/${count}/`, count, options)))
    return {
      title: `page: the operator's page in Chromium ${browser.version()}, ${LOADS} loads each`,
      reference: `the promise, ${PROMISED_MS} ms`,
      rows,
    }
  } finally {
    await browser.close()
    server.disconnect()
  }
}

async function measure(browser, url, count, options) {
  const known = await browser.newContext()
  const cold = async () => {
    const context = await browser.newContext()
    const times = await load(context, url, count)
    await context.close()
    return times
  }
  const warm = () => load(known, url, count)
  await cold()
  await warm()
  const [colds, warms] = await inTurns([cold, warm], options, LOADS)
  await known.close()
  const kinds = { cold: colds, warm: warms }
  return Object.entries(kinds).flatMap(([kind, loads]) => [
    rowOf(`${count} tasks, ${kind}: first contentful paint`, loads, 'painted', { atMost: 1 }),
    rowOf(`${count} tasks, ${kind}: the tasks stand there`, loads, 'stood', count === 14 && { atMost: 1 }),
    rowOf(`${count} tasks, ${kind}: the night is drawn`, loads, 'drawn'),
  ])
}

function rowOf(what, loads, moment, target) {
  const figures = loads.map((load) => load[moment])
  return row({ what, figures, reference: figures.map(() => PROMISED_MS), unit: 'ms', ...target })
}

/** When things were to be seen in a new tab, in milliseconds after it was sent to the page. */
async function load(context, url, count) {
  const tab = await context.newPage()
  await tab.addInitScript(watch, count)
  await tab.goto(url)
  const handle = await tab.waitForFunction(() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0]
    return paint && window.seen.stood && window.seen.drawn ? { painted: paint.startTime, ...window.seen } : null
  })
  const times = await handle.jsonValue()
  await tab.close()
  return times
}

/** Runs in the page: notes the first frames after all tasks have a row, and after the timeline has its first bar. */
function watch(count) {
  window.seen = {}
  const note = (moment, holds) => {
    if (moment in window.seen || !holds()) return
    window.seen[moment] = 0
    requestAnimationFrame(() => setTimeout(() => (window.seen[moment] = performance.now())))
  }
  new MutationObserver(() => {
    note('stood', () => document.querySelectorAll('.tasks tbody tr').length === count)
    note('drawn', () => document.querySelector('.picture svg'))
  }).observe(document, { childList: true, subtree: true })
}
