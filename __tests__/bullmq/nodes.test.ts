import type { Connection } from '../../lib/bullmq/connection'
import { Nodes } from '../../lib/bullmq/nodes'
import { readTasks } from '../../lib/engine/task'
import { fakeClock } from '../../lib/testing'

const LEASE_MS = 1_000

/** Nodes that share a hash in the memory of the test. */
function openNodes() {
  const clock = fakeClock('2026-01-14T12:00Z')
  const fields: Record<string, string> = {}
  const written: string[] = []
  const queue = {
    async setQueueMeta(given: Record<string, string>) {
      written.push(...Object.keys(given))
      Object.assign(fields, given)
    },
    getQueueMeta: async () => ({ ...fields }),
    getQueueMetaFields: async (names: string[]) => names.map((name) => fields[name] ?? null),
    hasQueueMetaField: async (name: string) => name in fields,
    async removeQueueMetaFields(names: string[]) {
      for (const name of names) delete fields[name]
    },
  }
  const connection = { ask: (question: () => unknown) => question(), queue: () => queue } as unknown as Connection
  const node = (me: string, tasks: object = {}) =>
    new Nodes(connection, me, { tasks: readTasks(tasks), clock, leaseMs: LEASE_MS })
  return { clock, node, written, forgetAll: () => void Object.keys(fields).forEach((name) => void delete fields[name]) }
}

async function beats(node: Nodes, count: number): Promise<void> {
  for (let beat = 0; beat < count; beat += 1) await node.beat()
}

test('a node is dead when more than a lease of our beats have passed without one of its own', async () => {
  const { node } = openNodes()
  const [one, other] = [node('one'), node('other')]
  await other.beat()
  await beats(one, 6)
  expect(one.isDead('other')).toBe(false)
  await one.beat()
  expect(one.isDead('other')).toBe(true)
  expect(one.isDead('one')).toBe(false)
  expect(one.isDead('stranger')).toBe(true)
})

test('whoever comes back is found alive by the second look, before anybody takes away what it begins', async () => {
  const { node, clock } = openNodes()
  const [one, other] = [node('one'), node('other')]
  await other.beat()
  await beats(one, 7)
  expect(await one.hasDied('other')).toBe(true)
  clock.stepBy(10 * LEASE_MS)
  expect(await other.renew()).toBe(true)
  expect(one.isDead('other')).toBe(true)
  expect(await one.hasDied('other')).toBe(false)
})

test.each([
  [0, false],
  [LEASE_MS / 5, false],
  [LEASE_MS, true],
  [-LEASE_MS, true],
])('a node whose clock has moved by %i ms since its last beat must renew: %s', async (ms, must) => {
  const { node, clock, written } = openNodes()
  const one = node('one')
  await one.beat()
  clock.stepBy(ms)
  const before = written.length
  expect(await one.renew()).toBe(must)
  expect(written.length > before).toBe(must)
  expect(await one.renew()).toBe(false)
})

test('of two that declare a task differently the newer one counts', async () => {
  const { node } = openNodes()
  const mail = (title: string) => ({ Mail: { run() {}, title } })
  const [one, old, young] = [node('one'), node('old', mail('Old')), node('young', mail('Young'))]
  await beats(old, 3)
  await young.beat()
  await one.beat()
  expect([...one.tasksElsewhere().values()]).toMatchObject([{ name: 'Mail', title: 'Young' }])
  expect(one.whoHas('Mail').sort()).toEqual(['old', 'young'])
  await young.leave()
  await one.beat()
  expect([...one.tasksElsewhere().values()]).toMatchObject([{ name: 'Mail', title: 'Old' }])
})

test('of all that live one reaches first for a task, and all find the same one', async () => {
  const { node } = openNodes()
  const nodes = ['one', 'two', 'three'].map((name) => node(name))
  for (const each of [...nodes, ...nodes]) await each.beat()
  const names = Array.from({ length: 90 }, (_, index) => `Task${index}`)
  const shares = nodes.map((each) => names.filter((name) => each.isFirstFor(name)))
  expect(shares.flat().sort()).toEqual([...names].sort())
  expect(shares.every(({ length }) => length > 15)).toBe(true)
})

test('a database that forgot who is there is told again', async () => {
  const { node, forgetAll } = openNodes()
  const [one, other] = [node('one'), node('other', { Mail() {} })]
  await other.beat()
  await one.beat()
  forgetAll()
  await beats(other, 2)
  await one.beat()
  expect(one.whoHas('Mail')).toEqual(['other'])
})
