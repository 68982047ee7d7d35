import {
  type ButlerTaskName,
  createButler,
  createButlerRouter,
  type MaintenanceWindow,
  type TaskRegistry,
  type TaskStatus,
} from '../../lib/index'

// Nothing runs this file: `npm run typecheck` compiles it. A line below `@ts-expect-error` must be an error, every other none.

declare const own: TaskRegistry<'SendDigest' | 'EmptyTrash'>
declare const catalogued: TaskRegistry
declare const untyped: TaskRegistry<string>

/** What compiles. */
export const good = {
  names() {
    createButlerRouter({ registry: catalogued })
    createButlerRouter({ registry: catalogued, taskNames: ['BackupDatabase'] })
    createButlerRouter({ registry: own })
    createButlerRouter({ registry: own, taskNames: ['EmptyTrash'] })
    createButlerRouter({ registry: untyped, taskNames: ['AnythingAtAll'] })
    createButlerRouter({ registry: catalogued, aliases: { AutomaticUpdates: 'CheckForUpdates' } })
    createButlerRouter({ registry: own, aliases: { Mail: 'SendDigest' } })
  },
  aTypedRegistry(): TaskRegistry<'SendDigest'> {
    return {
      list: async () => [{ name: 'SendDigest', enabled: true, state: 'idle' }],
      start: async (name) => (name === 'SendDigest' ? 'started' : 'already-running'),
      stop: async () => 'not-running',
      startAll: async () => {},
      stopAll: async () => {},
    }
  },
  async aButler() {
    const butler = createButler({
      tasks: {
        BackupDatabase: async ({ name }) => name satisfies string,
        SendDigest: { run: () => {}, after: ['BackupDatabase'] },
      },
    })
    createButlerRouter({ registry: butler, taskNames: ['SendDigest'] })
    await butler.start('SendDigest')
    await butler.configure({ enabled: { SendDigest: false }, window: { opensAt: '01:00' } })
  },
}

/** What does not. */
export const wrong = {
  names() {
    // @ts-expect-error The catalogue has no such name.
    createButlerRouter({ registry: catalogued, taskNames: ['BackupDatabse'] })
    // @ts-expect-error The registry has no such name.
    createButlerRouter({ registry: own, taskNames: ['BackupDatabase'] })
    // @ts-expect-error Another letter case is another name.
    createButlerRouter({ registry: own, taskNames: ['sendDigest'] })
    // @ts-expect-error The registry has no such name for the alias to mean.
    createButlerRouter({ registry: own, aliases: { Save: 'BackupDatabase' } })
    // @ts-expect-error There is no such option.
    createButlerRouter({ registry: own, tasknames: ['SendDigest'] })
    // @ts-expect-error There is no such status.
    createButlerRouter({ registry: own, unknownTaskStatus: 410 })
    // @ts-expect-error Nobody does the work.
    createButlerRouter({})
  },
  aTypedRegistry(): TaskRegistry<'SendDigest'> {
    return {
      // @ts-expect-error It lists a name that it does not have.
      list: async () => [{ name: 'SendDigset', enabled: true, state: 'idle' }],
      // @ts-expect-error It compares with a name that never comes.
      start: async (name) => (name === 'EmptyTrash' ? 'started' : 'already-running'),
      // @ts-expect-error It answers a word that is none.
      stop: async () => 'ended',
      startAll: async () => {},
      stopAll: async () => {},
    }
  },
  registries() {
    // @ts-expect-error It cannot stop anything.
    const half: TaskRegistry = { list: catalogued.list, start: catalogued.start, startAll: catalogued.startAll }
    // @ts-expect-error It has a task of a name that is not the catalogue's.
    const other: TaskRegistry = own
    // @ts-expect-error There is no such state.
    const status: TaskStatus = { name: 'x', enabled: true, state: 'asleep' }
    // @ts-expect-error There is no such name.
    const name: ButlerTaskName = 'EmptyTrash'
    return [half, other, status, name]
  },
  async aButler() {
    const butler = createButler({ tasks: { BackupDatabase: () => {}, SendDigest: { run: () => {} } } })
    // @ts-expect-error It has no such task.
    await butler.start('SendDigset')
    // @ts-expect-error It has no such task, although the catalogue has.
    await butler.stop('OptimizeDatabase')
    // @ts-expect-error It has no such task.
    await butler.history('EmptyTrash')
    // @ts-expect-error It has no such task.
    await butler.configure({ enabled: { EmptyTrash: true } })
    // @ts-expect-error The window has no such member.
    await butler.configure({ window: { opens: '01:00' } })
    // @ts-expect-error It has no such task.
    createButlerRouter({ registry: butler, taskNames: ['EmptyTrash'] })
    // @ts-expect-error A task cannot come after one that is not there.
    createButler({ tasks: { SendDigest: { run: () => {}, after: ['BackupDatabase'] } } })
    // @ts-expect-error There is no such day.
    createButler({ tasks: { SendDigest: { run: () => {}, weekdays: ['friday'] } } })
    // @ts-expect-error A task has no such member.
    createButler({ tasks: { SendDigest: { run: () => {}, every: 3 } } })
    // @ts-expect-error There is no such option.
    createButler({ tasks: { SendDigest: () => {} }, windows: {} })
    // @ts-expect-error Hours are texts such as '02:00'.
    const window: MaintenanceWindow = { opensAt: 2, closesAt: 5, timeZone: 'UTC' }
    return window
  },
}
