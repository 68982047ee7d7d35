import type { Reading } from '../../lib/bullmq/copy'
import { Heard } from '../../lib/bullmq/heard'
import type { Node } from '../../lib/bullmq/node'
import type { OwnRuns } from '../../lib/bullmq/own-runs'
import { Rounds } from '../../lib/bullmq/rounds'
import type { WaitingLine } from '../../lib/bullmq/waiting-line'

const nothing: Reading = { pages: new Map(), stops: new Map(), settings: {} }

/** The rounds of a node that has made one already, and what it calls of the book and of its runs. */
async function openRounds() {
  const calls: unknown[] = []
  const nodes = { absences: 0, departures: 0, isDead: () => false }
  const heard = new Heard()
  const book = {
    doubt: () => void calls.push('doubt'),
    async check() {
      calls.push('check')
      return nothing
    },
  }
  const runs = {
    undo: async () => {},
    running: () => [],
    review: jest.fn(async (_: Reading, wasAway: boolean) => void calls.push({ wasAway })),
  }
  const node = { book, nodes, news: { heard } } as unknown as Node
  const line = { mend: async () => {} } as unknown as WaitingLine
  const rounds = new Rounds(node, runs as unknown as OwnRuns, line, () => {})
  await rounds.review()
  return { rounds, nodes, heard, runs, calls: () => calls.splice(0) }
}

type Opened = Awaited<ReturnType<typeof openRounds>>

const missOne = ({ heard }: Opened) => {
  heard.count('other', 1)
  heard.count('other', 3)
}

test('at a round the book is checked', async () => {
  const { rounds, calls } = await openRounds()
  calls()
  await rounds.review()
  expect(calls()).toEqual(['check', { wasAway: false }])
})

test.each<[string, (opened: Opened) => void, boolean]>([
  ['something was told that did not come', missOne, false],
  ['somebody has died or left, perhaps before it could tell', ({ nodes }) => void nodes.departures++, false],
  ['this process was away', ({ nodes }) => void nodes.absences++, true],
])('when %s, all of it is in doubt, once', async (_, happen, wasAway) => {
  const opened = await openRounds()
  happen(opened)
  opened.calls()
  await opened.rounds.review()
  await opened.rounds.review()
  expect(opened.calls()).toEqual(['doubt', 'check', { wasAway }, 'check', { wasAway: false }])
})

test('a process that was away knows it until its runs have been looked at', async () => {
  const { rounds, nodes, runs, calls } = await openRounds()
  nodes.absences += 1
  runs.review.mockRejectedValueOnce(new Error('The database is away.'))
  await expect(rounds.review()).rejects.toThrow('The database is away.')
  calls()
  await rounds.review()
  expect(calls()).toEqual(['doubt', 'check', { wasAway: true }])
})
