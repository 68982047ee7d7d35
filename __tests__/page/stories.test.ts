/// <reference lib="dom" />
import type { Page } from 'playwright-core'
import type { TaskContext } from '../../lib/engine/task'
import { aBrowser, describeInBrowser } from '../helpers/browser'
import { held } from '../helpers/butler'
import { serveDashboard } from '../helpers/operated-page'

jest.setTimeout(30_000)

const HOSTILE = '<img src=x onerror="document.title=1">'

/** A task that says how far it is, and runs until it is stopped. */
function talkative() {
  const work = held()
  const told: TaskContext[] = []
  const run = (context: TaskContext) => {
    told.push(context)
    return work(context)
  }
  return Object.assign(run, { finish: work.finish, context: () => told.at(-1) as TaskContext })
}

const rowOf = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title })

describeInBrowser('in a browser', () => {
  const openPage = aBrowser()

  test('an operator sees what ran last night, what runs now, and what will run tonight', async () => {
    const { url, butler } = await serveDashboard({ tasks: { RefreshLibraries: held() } })
    await butler.start('RefreshLibraries')
    const page = await openPage(url)
    await page.getByRole('heading', { name: 'The window opens tomorrow 02:00, in 18 h' }).waitFor()
    await page.getByText('one task runs now').waitFor()
    await page.getByRole('link', { name: /^Tag photos: failed, started today 04:19, 24 min/ }).waitFor()
    await page.getByRole('link', { name: /^Scan the libraries: running/ }).waitFor()
    expect(await page.locator('.band title').allTextContents()).toEqual(['window 02:00–05:00', 'window 02:00–05:00'])
    const row = rowOf(page, 'Back up the database')
    await row.getByText('Rests: it completed on Wed 14 Jan and is due on Sat 17 Jan.').waitFor()
    await page.getByText('1 failed last time').waitFor()
    expect(await page.locator('.verdict .chip').allTextContents()).toEqual([
      '✕\u00a01 failed',
      '◧\u00a01 cut off by the window',
      '✓\u00a04 completed',
    ])
    await row.getByText('in 3 days').waitFor()
    await row.getByText('completed', { exact: false }).first().waitFor()
  })

  test('looks back on a night of the last fortnight', async () => {
    const { url } = await serveDashboard()
    const page = await openPage(url)
    const nights = page.locator('.fortnight a')
    await nights.nth(13).waitFor()
    expect(await nights.count()).toBe(14)
    await page.getByRole('link', { name: /^Sat 10 Jan.*1 timed out/ }).click()
    await page.getByRole('heading', { name: 'The night of Sat 10 Jan' }).waitFor()
    await page.getByRole('link', { name: /^Tag photos: timed out/ }).waitFor()
    await page.getByRole('link', { name: 'Back to tonight' }).click()
    await page.getByRole('heading', { name: /^The window opens/ }).waitFor()
  })

  test('starts a task, watches it, and stops it, without loading anything again', async () => {
    const task = talkative()
    const { url, butler } = await serveDashboard({ tasks: { RefreshLibraries: task } })
    const page = await openPage(url)
    const row = rowOf(page, 'Scan the libraries')
    await row.getByRole('button', { name: 'Start Scan the libraries' }).click()
    await row.getByText('running').first().waitFor()
    task.context().progress(0.5, 'Films, 40 of 80')
    await row.getByText('50 % · Films, 40 of 80').waitFor()
    expect(await row.getByRole('progressbar').evaluate((bar: HTMLProgressElement) => bar.value)).toBe(0.5)
    await page.getByRole('status').getByText('Scan the libraries has been started.').waitFor({ state: 'attached' })
    await row.getByRole('button', { name: 'Stop Scan the libraries' }).click()
    await row.getByText('stopped').waitFor()
    expect((await butler.history('RefreshLibraries'))[0]?.outcome).toBe('stopped')
  })

  test('sees the plan before all is started, and may think again', async () => {
    const { url, stateOf } = await serveDashboard({ tasks: { GenerateAutoTags: held() } })
    const page = await openPage(url)
    await page.getByRole('button', { name: 'Start all' }).click()
    const dialog = page.getByRole('dialog', { name: 'Start all that is due?' })
    await dialog.getByText('Tag photos Starts now: it is due').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await stateOf('GenerateAutoTags')).toBe('idle')
    await page.getByRole('button', { name: 'Start all' }).click()
    await dialog.getByRole('button', { name: /^Start \d/ }).click()
    await rowOf(page, 'Tag photos').getByText('running').first().waitFor()
  })

  test('sees what would be stopped before all is stopped', async () => {
    const { url, butler, stateOf } = await serveDashboard({ tasks: { GenerateAutoTags: held() } })
    await butler.start('GenerateAutoTags')
    const page = await openPage(url)
    await page.getByRole('button', { name: 'Stop all' }).click()
    const dialog = page.getByRole('dialog', { name: 'Stop all?' })
    await dialog.getByText('Tag photos is asked to stop.').waitFor()
    await dialog.getByRole('button', { name: 'Stop 1' }).click()
    await rowOf(page, 'Tag photos').getByText('stopped').waitFor()
    expect(await stateOf('GenerateAutoTags')).toBe('idle')
  })

  test('finds the runs that failed, and reads one with its lines', async () => {
    const { url } = await serveDashboard()
    const page = await openPage(`${url}#/tasks/GenerateAutoTags`)
    await page.getByRole('img', { name: /^Durations: 14 runs, longest/ }).waitFor()
    await page.getByLabel('Outcome').selectOption('failed')
    await page.getByRole('cell', { name: 'No space left on the device' }).waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await page.getByRole('link', { name: /^today/ }).click()
    await page.getByRole('heading', { name: 'Tag photos, one run' }).waitFor()
    await page.getByText('Error: No space left on the device').waitFor()
    await page.getByText('GenerateAutoTags began').waitFor()
    expect(page.url()).toBe(`${url}#/tasks/GenerateAutoTags/runs/GenerateAutoTags-13`)
  })

  test('reads lines as they are written', async () => {
    const task = talkative()
    const { url, butler } = await serveDashboard({ tasks: { RefreshLibraries: task } })
    await butler.start('RefreshLibraries', { by: 'ada' })
    const { runId } = task.context()
    const page = await openPage(`${url}#/tasks/RefreshLibraries/runs/${runId}`)
    await page.getByText('by hand, ada').waitFor()
    task.context().log('41 films were added')
    await page.getByText('41 films were added').waitFor()
  })

  test('switches a task off and on again', async () => {
    const { url, butler } = await serveDashboard()
    const page = await openPage(url)
    await page.getByRole('switch', { name: 'Tag photos runs by itself' }).click()
    await rowOf(page, 'Tag photos').getByText('Rests: it is switched off in the settings.').waitFor()
    expect((await butler.settings()).enabled.GenerateAutoTags).toBe(false)
    await page.getByRole('switch', { name: 'Tag photos runs by itself' }).click()
    await rowOf(page, 'Tag photos').getByText('It is due, and gets a random moment').waitFor()
  })

  test('moves the window after having seen the next nights, and reads at the field what is wrong', async () => {
    const { url, butler } = await serveDashboard({ at: '2026-03-27T12:00Z' })
    const page = await openPage(`${url}#/settings`, { mayComplain: /400/ })
    await page.getByText('Sat 28 Mar, 02:00–05:00: 3 h').waitFor()
    const zone = page.getByLabel('Time zone')
    await zone.fill('Europe/Nowhere')
    await page.getByText('Time zone is "Europe/Nowhere"; expected an IANA time zone').waitFor()
    expect(await zone.getAttribute('aria-invalid')).toBe('true')
    await zone.fill('Europe/Berlin')
    await page.getByText('Sun 29 Mar, 03:00–05:00: 2 h').waitFor()
    await page.getByText('clocks change').waitFor()
    expect((await butler.settings()).window.timeZone).toBe('UTC')
    await page.getByRole('button', { name: 'Save the window' }).click()
    await page.getByText('Saved.', { exact: true }).waitFor()
    expect((await butler.settings()).window.timeZone).toBe('Europe/Berlin')
  })

  test('the nights of what was typed earlier never take the place of those of what is typed now', async () => {
    const { url } = await serveDashboard()
    const page = await openPage(`${url}#/settings`)
    const nights = page.locator('.nights li').first()
    await nights.getByText('02:00–05:00').waitFor()
    let answerEarlier = () => {}
    await page.route('**/api/nights/preview?opensAt=03*', async (route) => {
      await new Promise<void>((resolve) => {
        answerEarlier = resolve
      })
      await route.continue()
    })
    const asked = page.waitForRequest(/preview\?opensAt=03/)
    const answered = page.waitForResponse(/preview\?opensAt=03/)
    await page.getByLabel('Opens at').fill('03:00')
    await asked
    await page.getByLabel('Opens at').fill('04:00')
    await nights.getByText('04:00–05:00').waitFor()
    answerEarlier()
    await (await answered).finished()
    // Once a later answer has been read, the page has dealt with the earlier one.
    await page.evaluate(() => fetch('api/settings').then((answer) => answer.json()))
    expect(await nights.textContent()).toContain('04:00–05:00')
  })

  test('of two operators who change the window at once, the second is asked', async () => {
    const { url, butler } = await serveDashboard()
    const page = await openPage(`${url}#/settings`)
    await page.getByLabel('Opens at').fill('01:00')
    await butler.configure({ window: { opensAt: '03:00' } })
    await page
      .getByText('Somebody else has changed the settings meanwhile; the window is now 03:00 to 05:00, UTC.')
      .waitFor()
    expect(await page.getByLabel('Opens at').inputValue()).toBe('01:00')
    await page.getByRole('button', { name: 'Take theirs' }).click()
    expect(await page.getByLabel('Opens at').inputValue()).toBe('03:00')
    expect((await butler.settings()).window.opensAt).toBe('03:00')
  })

  test('a switch that somebody moves is no change of the window that is being typed', async () => {
    const { url, butler } = await serveDashboard()
    const page = await openPage(`${url}#/settings`)
    await page.getByLabel('Opens at').fill('01:00')
    await butler.configure({ enabled: { GenerateAutoTags: false } })
    await page.getByRole('switch', { name: 'Tag photos', checked: false }).waitFor()
    expect(await page.getByText('Somebody else has changed').count()).toBe(0)
    await page.getByRole('button', { name: 'Save the window' }).click()
    await page.getByText('Saved.', { exact: true }).waitFor()
    expect(await butler.settings()).toMatchObject({
      window: { opensAt: '01:00' },
      enabled: { GenerateAutoTags: false },
    })
  })

  test('a save that was under way when the other one won overwrites nothing', async () => {
    const { url, butler } = await serveDashboard()
    const page = await openPage(`${url}#/settings`, { mayComplain: /412/ })
    await page.getByLabel('Opens at').fill('01:00')
    await page.route('**/api/settings', async (route) => {
      await butler.configure({ window: { opensAt: '03:00' } })
      await route.continue()
    })
    await page.getByRole('button', { name: 'Save the window' }).click()
    await page.getByText('Nothing of yours was saved.').waitFor()
    expect((await butler.settings()).window.opensAt).toBe('03:00')
  })

  test('somebody who may only look sees no button, and no switch that moves', async () => {
    const { url } = await serveDashboard({ authorize: (_req, right) => right === 'view' })
    const page = await openPage(url)
    await rowOf(page, 'Tag photos').waitFor()
    expect(await page.locator('main button').count()).toBe(0)
    expect(await page.locator('main input:enabled').count()).toBe(0)
    await page.goto(`${url}#/settings`)
    await page.getByText('You may look, but not change anything.').waitFor()
    expect(await page.locator('main button, main input:enabled').count()).toBe(0)
  })

  test('whatever a task is called, says or writes is text', async () => {
    const task = talkative()
    const { url, butler } = await serveDashboard({
      tasks: { Hostile: { run: task, title: HOSTILE, description: HOSTILE } },
      by: () => HOSTILE,
    })
    await butler.start('Hostile', { by: HOSTILE })
    task.context().progress(0.5, HOSTILE)
    task.context().log(HOSTILE)
    const page = await openPage(url, { mayComplain: /never/ })
    await page.getByRole('link', { name: HOSTILE, exact: true }).waitFor()
    for (const hash of [
      '',
      'tasks/Hostile',
      `tasks/Hostile/runs/${task.context().runId}`,
      `tasks/${encodeURIComponent(HOSTILE)}`,
      'settings',
    ]) {
      await page.goto(`${url}#/${hash}`)
      await page.locator('main h2').waitFor()
      expect(await page.locator('img').count()).toBe(0)
    }
    expect(await page.title()).not.toBe('1')
  })

  test('its policy refuses what somebody might have smuggled in', async () => {
    const { url } = await serveDashboard()
    const page = await openPage(url, { mayComplain: /Content Security Policy|Trusted|blocked/i })
    const ran = await page.evaluate(() => {
      const script = document.createElement('script')
      try {
        script.textContent = 'window.smuggled = true'
        document.body.append(script)
        document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.smuggled = true">')
      } catch {
        return false
      }
      return 'smuggled' in window
    })
    expect(ran).toBe(false)
    expect(
      await page.evaluate(() =>
        fetch('http://example.invalid/').then(
          () => 'asked',
          () => 'refused',
        ),
      ),
    ).toBe('refused')
  })

  test('a page is four files and its state, which is asked for once, before the module has come', async () => {
    const { url } = await serveDashboard()
    const page = await openPage(url)
    await page.getByText('Live', { exact: true }).waitFor()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url().replace(url, '')))
    await page.reload()
    await page.locator('.bar').first().waitFor()
    expect(asked.filter((path) => path.startsWith('page/') || path === '')).toHaveLength(4)
    expect(asked.filter((path) => path === 'api/board')).toHaveLength(1)
    expect(asked.indexOf('api/board')).toBeLessThan(asked.indexOf('api/nights'))
  })

  test('two pages show the same, and the second learns what the first did', async () => {
    const { url } = await serveDashboard({ tasks: { RefreshLibraries: held() } })
    const [one, other] = [await openPage(url), await openPage(url)]
    await rowOf(other, 'Scan the libraries').getByText('never ran').waitFor()
    await one.getByRole('button', { name: 'Start Scan the libraries' }).click()
    await rowOf(other, 'Scan the libraries').getByText('running').first().waitFor()
  })
})
