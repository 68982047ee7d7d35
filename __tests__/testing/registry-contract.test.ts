import type { TaskRegistry, TaskStatus } from '../../lib/registry'
import { type ContractSubject, registryContract } from '../../lib/testing/registry-contract'
import { held, openButler } from '../helpers/butler'

const names = ['Backup', 'Scan'] as const

/** A registry that a host might write in ten lines. */
function tenLines(): ContractSubject {
  const running = new Set<string>()
  return {
    registry: {
      list: async () => names.map((name) => ({ name, enabled: true, state: running.has(name) ? 'running' : 'idle' })),
      start: async (name) => (running.size < running.add(name).size ? 'started' : 'already-running'),
      stop: async (name) => (running.delete(name) ? 'stopped' : 'not-running'),
      startAll: async () => names.map((name) => running.add(name)),
      stopAll: async () => running.clear(),
    },
    names,
    finish: async (name) => void running.delete(name),
    async close() {},
  }
}

async function aButler(): Promise<ContractSubject> {
  const tasks = { Backup: held(), Scan: held() }
  const { butler, ended } = await openButler({ tasks })
  return {
    registry: butler as unknown as TaskRegistry<string>,
    names,
    async finish(name) {
      const end = ended(name as 'Backup')
      tasks[name as 'Backup'].finish()
      await end
    },
    close: async () => void (await butler.close()),
  }
}

describe.each([
  ['the Butler', aButler],
  ['a registry of ten lines', async () => tenLines()],
])('%s', (_, open) => {
  for (const { title, check } of registryContract) test(title, () => check(open))
})

/** The titles of the promises that a registry breaks. */
async function brokenBy(change: (subject: ContractSubject) => Partial<TaskRegistry<string>>): Promise<string[]> {
  const open = async () => {
    const subject = tenLines()
    return { ...subject, registry: { ...subject.registry, ...change(subject) } }
  }
  const broken: string[] = []
  for (const { title, check } of registryContract) {
    await check(open).catch(() => broken.push(title))
  }
  return broken
}

/** A list that was tampered with. */
const listing =
  (change: (status: TaskStatus<string>) => object) =>
  ({ registry }: ContractSubject) => ({ list: async () => (await registry.list()).map(change) as TaskStatus<string>[] })

const faults: [fault: string, promise: string, change: Parameters<typeof brokenBy>[0]][] = [
  [
    'lists a task twice',
    'lists every task once, with name, switch and state',
    ({ registry }) => ({ list: async () => [...(await registry.list()), ...(await registry.list())] }),
  ],
  [
    'forgets a task in its list',
    'lists every task once, with name, switch and state',
    ({ registry }) => ({ list: async () => (await registry.list()).slice(0, 1) }),
  ],
  [
    'has no switch in its list',
    'lists every task once, with name, switch and state',
    listing(({ name, state }) => ({ name, state })),
  ],
  [
    'has a state of its own',
    'lists every task once, with name, switch and state',
    listing((status) => ({ ...status, state: status.state === 'idle' ? 'asleep' : status.state })),
  ],
  [
    'lists dates that are no strings',
    'lists what JSON can hold',
    listing((status) => ({ ...status, nextRun: new Date(0) })),
  ],
  ['does not start anything', 'starts a task, and lists it as running', () => ({ start: async () => 'started' })],
  [
    'starts everything instead of one',
    'starts a task, and lists it as running',
    ({ registry }) => ({
      async start(name, request) {
        const answer = await registry.start(name, request)
        await registry.startAll(request)
        return answer
      },
    }),
  ],
  [
    'says that it started what runs',
    'says that a running task is already running',
    ({ registry }) => ({ start: (name, request) => registry.start(name, request).then(() => 'started') }),
  ],
  [
    'looks first and starts later',
    'lets one of many simultaneous starts win',
    ({ registry }) => ({
      async start(name, request) {
        const task = (await registry.list()).find((each) => each.name === name)
        await registry.start(name, request)
        return task?.state === 'running' ? 'already-running' : 'started'
      },
    }),
  ],
  [
    'starts a task once in its life',
    'starts a task again after it has ended',
    ({ registry }) => {
      const started = new Set<string>()
      return {
        start: async (name, request) =>
          started.size < started.add(name).size ? registry.start(name, request) : 'already-running',
      }
    },
  ],
  [
    'stops all instead of one',
    'stops a running task, and only that one',
    ({ registry }) => ({
      async stop(name, request) {
        const answer = await registry.stop(name, request)
        await registry.stopAll(request)
        return answer
      },
    }),
  ],
  [
    'says that it stopped what is idle',
    'says that an idle task is not running',
    () => ({ stop: async () => 'stopped' }),
  ],
  [
    'has an answer of its own to a second stop',
    'answers every one of many simultaneous stops',
    ({ registry }) => ({
      stop: async (name, request) =>
        (await registry.stop(name, request)) === 'stopped' ? 'stopped' : ('gone' as never),
    }),
  ],
  [
    'ends what runs when it starts all',
    'leaves a running task alone when it starts all',
    ({ registry }) => ({ startAll: (request) => registry.stopAll(request) }),
  ],
  [
    'stops nothing when it stops all',
    'leaves nothing running or waiting when it stops all',
    () => ({ async stopAll() {} }),
  ],
  [
    'rejects when there is nothing to stop',
    'stops all also when there is nothing to stop',
    ({ registry }) => ({
      async stopAll(request) {
        if ((await registry.list()).every(({ state }) => state === 'idle')) throw new Error('Nothing runs.')
        await registry.stopAll(request)
      },
    }),
  ],
  [
    'ends the work with the request',
    'goes on with what it started when nobody waits for the answer',
    ({ registry }) => ({
      async start(name, request) {
        request.signal?.addEventListener('abort', () => void registry.stop(name, request))
        return registry.start(name, request)
      },
    }),
  ],
]

test.each(faults)('a registry that %s is found out: it %s', async (_, promise, change) => {
  expect(await brokenBy(change)).toContain(promise)
})

test('every promise is broken by one of these faults', () => {
  const promises = faults.map(([, promise]) => promise)
  expect(registryContract.map(({ title }) => title).filter((title) => !promises.includes(title))).toEqual([])
})

test('what was opened for a case is closed after it, also when it failed', async () => {
  for (const { check } of registryContract) {
    let open = 0
    const opening = async () => {
      open += 1
      const subject = tenLines()
      return {
        ...subject,
        registry: { ...subject.registry, list: () => Promise.reject(new Error('Cannot be reached.')) },
        async close() {
          open -= 1
        },
      }
    }
    await check(opening).catch(() => {})
    expect(open).toBe(0)
  }
})
