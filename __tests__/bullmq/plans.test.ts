import type { Node } from '../../lib/bullmq/node'
import { blankPage, type Page } from '../../lib/bullmq/page'
import { Plans } from '../../lib/bullmq/plans'
import type { WaitingLine } from '../../lib/bullmq/waiting-line'
import type { NewEntry } from '../../lib/engine/queue'
import { newRun, type Run } from '../../lib/engine/run'

const entry: NewEntry = {
  task: 'Backup',
  trigger: 'window',
  by: null,
  at: null,
  until: null,
  after: [],
  draw: null,
  once: 'tonight',
}

const run = newRun({ id: 'r1', task: 'Backup', trigger: 'manual', by: 'ada', date: '2026-01-14', startedAt: '' })
const ended: Run = { ...run, outcome: 'completed' }

/** A plan that finds its slot taken, without a word in the book; at each pause something happens. */
function openPlans(happen: (pause: number, set: { holder: string | null; page: Page }) => void) {
  const set = { holder: 'the job of another' as string | null, page: blankPage }
  let pauses = 0
  const added: string[] = []
  const node = {
    book: {
      moved: async () => null,
      read: async () => ({ pages: new Map([['Backup', set.page]]) }),
      async add(pages: ReadonlyMap<string, Page>) {
        added.push(...pages.keys())
        return { added: { from: null, to: 'e1', count: pages.size }, version: 'v1' }
      },
    },
    slots: {
      async hold(_task: string, job: string) {
        set.holder ??= job
        return set.holder
      },
    },
    nodes: { isFirstFor: () => true },
    news: { publish: async () => {} },
    host: { clock: { now: () => 0 } },
    async pause() {
      pauses += 1
      happen(pauses, set)
    },
  } as unknown as Node
  const line = { clearOrphan: async () => false, look: async () => {} } as unknown as WaitingLine
  return { plans: new Plans(node, line), added }
}

test('what somebody else is about to add is not added', async () => {
  const { plans, added } = openPlans((pause, set) => {
    if (pause === 3) set.page = { ...blankPage, job: set.holder, waiting: entry, once: 'tonight/' }
  })
  await plans.add([entry])
  expect(added).toEqual([])
})

test('what somebody else has started meanwhile is not started again when it has ended', async () => {
  const { plans, added } = openPlans((pause, set) => {
    if (pause === 3) Object.assign(set, { holder: null, page: { ...blankPage, lastRun: ended } })
  })
  await plans.add([entry])
  expect(added).toEqual([])
})

test('what somebody else has let go of is added', async () => {
  const { plans, added } = openPlans((pause, set) => {
    if (pause === 3) set.holder = null
  })
  await plans.add([entry])
  expect(added).toEqual(['Backup'])
})

test('whoever never says why it has a slot makes the plan fail, so that it is made again', async () => {
  const { plans } = openPlans(() => {})
  await expect(plans.add([entry])).rejects.toMatchObject({
    code: 'BUTLER_UNAVAILABLE',
    message: 'Others have taken Backup and do not say why; try again later.',
  })
})
