import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PlexAPI as PlexAPI039 } from 'plexjs039'
import * as named039 from 'plexjs039/sdk/models/operations/index.js'
import { PlexAPI as PlexAPI043 } from 'plexjs043'
import * as named043 from 'plexjs043/sdk/models/operations/index.js'
import { aServerForClients, json, TOKEN } from './helpers/client-server'

const { ask, told, busy, address, folder } = aServerForClients()

/** What a program does by a client made for it; its one task is DeepMediaAnalysis. Rejects with what the client throws. */
interface Client {
  list(): Promise<{ object?: { butlerTasks?: { butlerTask?: { name?: string }[] } } }>
  start(): Promise<{ statusCode: number }>
  stop(): Promise<{ statusCode: number }>
  startAll(): Promise<{ statusCode: number }>
  stopAll(): Promise<{ statusCode: number }>
  activities(): Promise<{ object?: { mediaContainer?: { activity?: { uuid?: string; type?: string }[] } } }>
  cancel(uuid: string): Promise<{ statusCode: number }>
  identity(): Promise<{ object?: { mediaContainer?: { machineIdentifier?: string; claimed?: boolean } } }>
  about(): Promise<{ statusCode: number }>
}

const generated: Record<string, () => Client> = {
  'plexjs 0.39': () => {
    const { butler, activities, server } = new PlexAPI039({ serverURL: address(), accessToken: TOKEN })
    return {
      list: () => butler.getButlerTasks(),
      start: () => butler.startTask(named039.TaskName.DeepMediaAnalysis),
      stop: () => butler.stopTask(named039.PathParamTaskName.DeepMediaAnalysis),
      startAll: () => butler.startAllTasks(),
      stopAll: () => butler.stopAllTasks(),
      activities: () => activities.getServerActivities(),
      cancel: (uuid) => activities.cancelServerActivities(uuid),
      identity: () => server.getServerIdentity(),
      about: () => server.getServerCapabilities(),
    }
  },
  'plexjs 0.43': () => {
    const { butler, activities, general } = new PlexAPI043({
      serverURL: address(),
      token: TOKEN,
      clientIdentifier: 'c',
    })
    return {
      list: () => butler.getTasks(),
      start: () => butler.startTask({ task: named043.StartTaskTask.DeepMediaAnalysis }),
      stop: () => butler.stopTask({ task: named043.StopTaskTask.DeepMediaAnalysis }),
      startAll: () => butler.startTasks(),
      stopAll: () => butler.stopTasks(),
      activities: () => activities.listActivities(),
      cancel: (uuid) => activities.cancelActivity({ activityId: uuid }),
      identity: () => general.getIdentity(),
      about: () => general.getServerInfo({}),
    }
  },
}

describe.each(Object.entries(generated))('the generated client %s', (_, open) => {
  afterEach(() => ask('DELETE /butler', json))

  test('lists, starts, starts again, stops and stops again', async () => {
    const client = open()
    const names = (await told('/butler')).ButlerTasks.ButlerTask.map(({ name }) => name)
    expect((await client.list()).object?.butlerTasks?.butlerTask?.map(({ name }) => name)).toEqual(names)
    expect((await client.start()).statusCode).toBe(200)
    expect(await busy()).toEqual(['DeepMediaAnalysis'])
    expect((await client.start()).statusCode).toBe(202)
    expect((await client.stop()).statusCode).toBe(200)
    expect(await busy()).toEqual([])
    await expect(client.stop()).rejects.toMatchObject({ statusCode: 404 })
  })

  test('starts all and stops all', async () => {
    const client = open()
    expect((await client.startAll()).statusCode).toBe(200)
    expect(await busy()).toContain('DeepMediaAnalysis')
    expect((await client.stopAll()).statusCode).toBe(200)
    expect(await busy()).toEqual([])
    expect((await client.stopAll()).statusCode).toBe(200)
  })

  test('sees what runs, and cancels that run and no later one', async () => {
    const client = open()
    expect((await client.activities()).object?.mediaContainer?.activity).toEqual([])
    await client.start()
    const [activity, ...others] = (await client.activities()).object?.mediaContainer?.activity ?? []
    expect(others).toEqual([])
    expect(activity).toMatchObject({ type: 'butler.DeepMediaAnalysis', userID: 1, cancellable: true })
    const uuid = activity?.uuid ?? ''
    expect((await client.cancel(uuid)).statusCode).toBe(200)
    expect(await busy()).toEqual([])

    await client.start()
    await expect(client.cancel(uuid)).rejects.toMatchObject({ statusCode: 404 })
    expect(await busy()).toEqual(['DeepMediaAnalysis'])
  })

  test('knows the server', async () => {
    const client = open()
    const machineIdentifier = (await readFile(join(folder(), 'machine-identifier'), 'utf8')).trim()
    expect(machineIdentifier).toMatch(/^[0-9a-f]{40}$/)
    expect((await client.identity()).object?.mediaContainer).toMatchObject({ machineIdentifier, claimed: false })
    expect((await client.about()).statusCode).toBe(200)
  })
})
