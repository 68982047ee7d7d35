import { Shares } from '../../lib/bullmq/shares'

/** Tasks whose names begin with `A` are this node’s, those with `B` another one’s, and so on. */
const nodes = { firstFor: (task: string) => task.charAt(0), isFirstFor: (task: string) => task.startsWith('A') }

const due = (...tasks: string[]) => tasks.map((task) => ({ task, job: `job of ${task}` }))

test('a node reaches for its share at once, and for what another one has left for a while', () => {
  const shares = new Shares(nodes)
  expect(shares.reach(due('A1', 'B1', 'C1'), 0)).toEqual(['A1'])
  expect(shares.next(0)).toBe(1_003)
  expect(shares.reach(due('B1', 'C1'), 1_002)).toEqual([])
  expect(shares.reach(due('B1', 'C1'), 1_003)).toEqual(['B1', 'C1'])
})

test('who gets on with its share is waited for, who does not is not', () => {
  const shares = new Shares(nodes)
  shares.reach(due('B1', 'B2', 'C1'), 0)
  expect(shares.reach(due('B2', 'C1'), 900)).toEqual([])
  expect(shares.reach(due('B2', 'C1'), 1_003)).toEqual(['C1'])
  expect(shares.reach(due('B2'), 1_902)).toEqual(['B2'])
})

test('a job that is new is left for as long as the others were', () => {
  const shares = new Shares(nodes)
  shares.reach(due('B1'), 0)
  expect(shares.reach(due('B1', 'B2'), 1_001)).toEqual(['B1'])
})

test('a clock that was set back does not make a node wait for ever', () => {
  const shares = new Shares(nodes)
  shares.reach(due('B1'), 0)
  expect(shares.reach(due('B1'), -3_600_000)).toEqual(['B1'])
})
