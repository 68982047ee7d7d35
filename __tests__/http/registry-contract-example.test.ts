import { type ContractSubject, registryContract } from 'express-butler/testing'
import { type Job, registryOf } from './registry-example'

/** The registry with two jobs that go on until they are stopped, or told to finish. */
async function openMyRegistry(): Promise<ContractSubject> {
  const finish = new Map<string, () => void>()
  const aJob = (name: string): Job => {
    return (signal) =>
      new Promise((resolve, reject) => {
        finish.set(name, resolve)
        signal.addEventListener('abort', () => reject(signal.reason))
      })
  }
  const names = ['SendDigest', 'EmptyTrash'] as const
  const registry = registryOf(new Map(names.map((name) => [name, aJob(name)])))
  return {
    registry,
    names,
    async finish(name) {
      finish.get(name)?.()
      await new Promise((resolve) => setImmediate(resolve)) // until the registry knows
    },
    close: async () => void (await registry.stopAll({ trigger: 'manual' })),
  }
}

for (const { title, check } of registryContract) test(title, () => check(openMyRegistry))
