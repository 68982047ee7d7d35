import { describeWithPostgres, describeWithRedis, ownPrefix, postgres, sharedRedis } from '../helpers/databases'
import type { NodeOptions } from '../helpers/node-process'
import { eventually, openNode, type TestNode } from '../helpers/nodes'
import { program } from '../helpers/transpiled'

jest.setTimeout(60_000)

const nodeProcess = program('node-process')

/** What clients see of many Express servers that share a database. */
function manyServers(connect: () => Promise<Pick<NodeOptions, 'connection' | 'postgres'>>): void {
  async function openServers(...tasksOf: string[][]): Promise<TestNode[]> {
    const shared = { ...(await connect()), prefix: ownPrefix(), leaseMs: 1_000, http: true }
    const nodes: TestNode[] = []
    for (const tasks of tasksOf) nodes.push(await openNode(nodeProcess(), { ...shared, tasks }))
    return nodes
  }

  test('of fifty POSTs at once one is answered 200 and forty-nine 202, and there is one run', async () => {
    const nodes = await openServers(['Slow'], ['Slow'], ['Slow'], ['Slow'])
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (nodes[i % 4] as TestNode).request('POST', 'Slow')),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(49)
    expect(answers.every(({ body }) => body === '')).toBe(true)
    expect(nodes.flatMap((node) => node.calledFor())).toHaveLength(1)
    const listed = await Promise.all(nodes.map((node) => node.request('GET')))
    const runs = listed.map(({ body }) => JSON.parse(body).ButlerTasks.ButlerTask[0].lastRun.id)
    expect(new Set(runs).size).toBe(1)
  })

  test('of fifty DELETEs at once all are answered, and the run has ended once', async () => {
    const nodes = await openServers(['Slow'], ['Slow'], ['Slow'])
    await nodes[0]?.request('POST', 'Slow')
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (nodes[i % 3] as TestNode).request('DELETE', 'Slow')),
    )
    // Whoever asks after it has ended is told that it does not run.
    expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual(expect.arrayContaining([200]))
    expect(answers.every(({ status, body }) => status === 404 || (status === 200 && body === ''))).toBe(true)
    expect((await nodes[1]?.request('DELETE', 'Slow'))?.status).toBe(404)
    expect((await nodes[1]?.call('history', 'Slow'))?.value).toMatchObject([{ outcome: 'stopped' }])
  })

  test('what only another process implements is started there; what none does is a 501, also once its process has died', async () => {
    const [one, other] = (await openServers(['Quick'], ['Other'])) as [TestNode, TestNode]
    await eventually(async () => expect((await one.request('POST', 'Other')).status).toBe(200))
    expect((await one.request('POST', 'Other')).status).toBe(202)
    expect((await one.request('DELETE', 'Other')).status).toBe(200)
    expect(other.calledFor()).toHaveLength(1)
    expect((await one.request('POST', 'Brief')).status).toBe(501)
    expect((await one.request('DELETE', 'Brief')).status).toBe(501)
    expect((await one.request('POST', 'Nonsense')).status).toBe(400)
    await other.kill()
    await eventually(async () => expect((await one.request('POST', 'Other')).status).toBe(501))
  })
}

describeWithRedis('many servers on Redis', () => {
  manyServers(async () => ({ connection: await sharedRedis() }))
})

describeWithPostgres('many servers on PostgreSQL', () => {
  manyServers(async () => ({
    connection: { connectionString: postgres(), migrate: true, max: 3, schema: 'butler_test_http' },
    postgres: true,
  }))
})
