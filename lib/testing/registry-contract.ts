import assert from 'node:assert/strict'
import { type TaskRegistry, type TaskState, taskStates } from '../registry'

/** A registry as the contract needs it: fresh, with two tasks that can be held. */
export interface ContractSubject {
  registry: TaskRegistry<string>
  /** Two of its tasks. Once started they run until they are stopped or `finish` is called. */
  names: readonly [string, string]
  /** Lets the run of a task end by itself; resolves when the registry knows. */
  finish(name: string): Promise<void>
  /** Called at the end of each case, also when it failed. */
  close(): Promise<void>
}

/** One promise that every registry keeps. */
export interface ContractCase {
  /** A sentence, to be used as the title of a test. */
  title: string
  /** Rejects with an `AssertionError` when the promise is broken. */
  check(open: () => Promise<ContractSubject>): Promise<void>
}

const request = { trigger: 'manual' } as const

/**
 * What the router relies on, for any test runner:
 * `for (const { title, check } of registryContract) test(title, () => check(openMyRegistry))`
 */
export const registryContract: readonly ContractCase[] = [
  contractCase('lists every task once, with name, switch and state', async ({ registry, names }) => {
    const list = await registry.list()
    const listed = list.map(({ name }) => name)
    assert.equal(new Set(listed).size, listed.length, 'a name is listed twice')
    for (const name of names) assert.ok(listed.includes(name), `${name} is not listed`)
    for (const { enabled, state } of list) {
      assert.equal(typeof enabled, 'boolean')
      assert.ok(taskStates.includes(state), `${state} is no state`)
    }
  }),
  contractCase('lists what JSON can hold', async ({ registry, names }) => {
    await registry.start(names[0], request)
    const list = await registry.list()
    assert.deepEqual(JSON.parse(JSON.stringify(list)), list)
  }),
  contractCase('starts a task, and lists it as running', async ({ registry, names }) => {
    assert.equal(await registry.start(names[0], request), 'started')
    assert.equal(await stateOf(registry, names[0]), 'running')
    assert.equal(await stateOf(registry, names[1]), 'idle')
  }),
  contractCase('says that a running task is already running', async ({ registry, names }) => {
    await registry.start(names[0], request)
    assert.equal(await registry.start(names[0], request), 'already-running')
  }),
  contractCase('lets one of many simultaneous starts win', async ({ registry, names }) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => registry.start(names[0], request)))
    assert.equal(answers.filter((answer) => answer === 'started').length, 1)
    assert.equal(answers.filter((answer) => answer === 'already-running').length, 19)
  }),
  contractCase('starts a task again after it has ended', async ({ registry, names, finish }) => {
    await registry.start(names[0], request)
    await finish(names[0])
    assert.equal(await stateOf(registry, names[0]), 'idle')
    assert.equal(await registry.start(names[0], request), 'started')
  }),
  contractCase('stops a running task, and only that one', async ({ registry, names }) => {
    await registry.start(names[0], request)
    await registry.start(names[1], request)
    assert.equal(await registry.stop(names[0], request), 'stopped')
    assert.equal(await stateOf(registry, names[0]), 'idle')
    assert.equal(await stateOf(registry, names[1]), 'running')
  }),
  contractCase('says that an idle task is not running', async ({ registry, names }) => {
    assert.equal(await registry.stop(names[0], request), 'not-running')
  }),
  contractCase('answers every one of many simultaneous stops', async ({ registry, names }) => {
    await registry.start(names[0], request)
    const answers = await Promise.all(Array.from({ length: 20 }, () => registry.stop(names[0], request)))
    assert.ok(answers.includes('stopped'))
    for (const answer of answers)
      assert.ok(['stopped', 'not-running', 'stopping'].includes(answer), `${answer} is no answer`)
  }),
  contractCase('leaves a running task alone when it starts all', async ({ registry, names }) => {
    await registry.start(names[0], request)
    await registry.startAll({ trigger: 'start-all' })
    assert.equal(await stateOf(registry, names[0]), 'running')
  }),
  contractCase('leaves nothing running or waiting when it stops all', async ({ registry, names }) => {
    await registry.start(names[0], request)
    await registry.startAll({ trigger: 'start-all' })
    await registry.stopAll(request)
    for (const { name, state } of await registry.list()) assert.equal(state, 'idle', `${name} is ${state}`)
  }),
  contractCase('stops all also when there is nothing to stop', async ({ registry }) => {
    await registry.stopAll(request)
  }),
  contractCase('goes on with what it started when nobody waits for the answer', async ({ registry, names }) => {
    const gone = new AbortController()
    const answer = registry.start(names[0], { ...request, signal: gone.signal })
    gone.abort()
    await answer
    assert.equal(await stateOf(registry, names[0]), 'running')
  }),
]

function contractCase(title: string, promise: (subject: ContractSubject) => Promise<void>): ContractCase {
  return {
    title,
    async check(open) {
      const subject = await open()
      try {
        await promise(subject)
      } finally {
        await subject.close()
      }
    },
  }
}

async function stateOf(registry: TaskRegistry<string>, name: string): Promise<TaskState | undefined> {
  return (await registry.list()).find((task) => task.name === name)?.state
}
