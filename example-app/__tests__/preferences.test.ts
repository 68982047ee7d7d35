import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { PlexAPI as PlexAPI043 } from 'plexjs043'
import { aServerForClients, json, TOKEN } from './helpers/client-server'

const { ask, told, busy, values, address, folder } = aServerForClients()

describe('the settings, as clients know them', () => {
  const preferences = () => new PlexAPI043({ serverURL: address(), token: TOKEN }).preferences

  test('a generated client reads them, all or one', async () => {
    const { mediaContainerWithSettings: all } = await preferences().getAllPreferences()
    expect(all?.mediaContainer?.setting).toHaveLength(Object.keys(await values()).length)
    const { mediaContainerWithSettings: one } = await preferences().getPreference({ id: 'ButlerEndHour' })
    expect(one?.mediaContainer?.setting).toMatchObject([{ id: 'ButlerEndHour', type: 'int', group: 'butler' }])
    await expect(preferences().getPreference({ id: 'Oops' })).rejects.toMatchObject({ statusCode: 404 })
    await expect(preferences().getPreference({})).rejects.toMatchObject({ statusCode: 400 })
  })

  test('a client that loses what it should send is told so', async () => {
    const before = await values()
    await expect(preferences().setPreferences({ prefs: { ButlerStartHour: 1 } as object })).rejects.toMatchObject({
      statusCode: 400,
      body: expect.stringContaining('names no setting'),
    })
    expect(await values()).toEqual(before)
  })

  test('several change at once, or none does, and what holds is what the Butler has stored', async () => {
    const before = await values()
    for (const bad of ['ButlerStartHour=24', 'ButlerTaskOops=1', 'ButlerTaskBackupDatabase=maybe', 'Oops=1']) {
      const query = `ButlerEndHour=4&ButlerTaskCleanOldBundles=0&${bad}&ButlerTaskOptimizeDatabase=0`
      expect((await ask(`PUT /:/prefs?${query}`, json)).status).toBe(400)
      expect(await values()).toEqual(before)
    }
    const query = `ButlerEndHour=${before.ButlerStartHour}&ButlerStartHour=${before.ButlerStartHour}&ButlerTaskCleanOldBundles=0`
    expect(await ask(`PUT /:/prefs?${query}`, json)).toMatchObject({ status: 200, body: '' })
    const after = { ButlerEndHour: before.ButlerStartHour, ButlerTaskCleanOldBundles: false }
    expect(await values()).toEqual({ ...before, ...after })
    const { settings } = JSON.parse(await readFile(join(folder(), 'butler.json'), 'utf8'))
    const hour = String(before.ButlerStartHour).padStart(2, '0')
    expect(settings).toMatchObject({
      window: { opensAt: `${hour}:30`, closesAt: `${hour}:00` },
      enabled: { CleanOldBundles: false },
    })
    const { Setting } = (await told('/:/prefs')).MediaContainer
    expect(Setting.find(({ id }) => id === 'ButlerTaskCleanOldBundles')?.default).toBe(true)
    expect(Setting[0]?.summary).toContain(`from ${hour}:30 to ${hour}:00`)
    expect((await ask(`PUT /:/prefs?ButlerEndHour=${before.ButlerEndHour}`, json)).status).toBe(200)
  })

  test('a window that is moved over the present starts what is due, at once', async () => {
    const before = await values()
    const hour = new Date().getUTCHours()
    const hours = (opens: number, closes: number) => `ButlerStartHour=${opens % 24}&ButlerEndHour=${closes % 24}`
    const off = Object.keys(before).filter((id) => id.startsWith('ButlerTask') && id !== 'ButlerTaskDeepMediaAnalysis')
    const switches = off.map((id) => `${id}=0`).join('&')
    // It goes on opening at half past, and this hour's half may be yet to come.
    await ask(`PUT /:/prefs?${switches}&${hours(hour + 23, hour + 2)}`, json)
    while (!(await busy()).includes('DeepMediaAnalysis')) await pause(20)
    await ask(`PUT /:/prefs?${hours(hour + 8, hour + 10)}`, json)
    while ((await busy()).length > 0) await pause(20)
    expect((await ask(`PUT /:/prefs?${off.map((id) => `${id}=${before[id] ? 1 : 0}`).join('&')}`, json)).status).toBe(
      200,
    )
  })
})
