/// <reference lib="dom" />
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { aBrowser, describeInBrowser, shots } from '../helpers/browser'
import { held } from '../helpers/butler'
import { close, listen } from '../helpers/http'
import { serveDashboard } from '../helpers/operated-page'

jest.setTimeout(60_000)

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const views = [
  '',
  'nights/2026-01-13',
  'tasks/GenerateAutoTags',
  'tasks/GenerateAutoTags/runs/GenerateAutoTags-13',
  'settings',
  'nowhere',
]

/** What axe finds wrong, in a world of its own, where the page's policy does not reach. */
async function violations(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>('window.axe.run(document)')
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

const isTooWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)

describeInBrowser('for everyone', () => {
  const openPage = aBrowser()

  test.each(['light', 'dark'] as const)('axe finds nothing wrong, %s', async (colorScheme) => {
    const { url, butler } = await serveDashboard({ tasks: { RefreshLibraries: held() } })
    await butler.start('RefreshLibraries')
    const page = await openPage(url, { colorScheme, bypassCSP: true, viewport: { width: 1280, height: 1000 } })
    await page.addInitScript(AXE)
    for (const view of views) {
      await page.goto('about:blank')
      await page.goto(`${url}#/${view}`)
      await page.locator('main h2').waitFor()
      await page.waitForLoadState('load')
      expect(await violations(page)).toEqual([])
      await page.screenshot({ path: `${shots}/${colorScheme}-${view.split('/')[0] || 'tonight'}.png`, fullPage: true })
    }
    await page.goto(url)
    for (const name of ['Start all…', 'Stop all…']) {
      await page.getByRole('button', { name }).click()
      await page.getByRole('dialog').waitFor()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
    }
  })

  test.each(['light', 'dark'] as const)(
    'axe finds nothing wrong with errors, conflicts, and a phone, %s',
    async (colorScheme) => {
      const { url, butler } = await serveDashboard({ tasks: { RefreshLibraries: held() } })
      const viewport = { width: 390, height: 844 }
      const page = await openPage(url, { colorScheme, bypassCSP: true, viewport, mayComplain: /400/ })
      await page.addInitScript(AXE)
      for (const view of views) {
        await page.goto('about:blank')
        await page.goto(`${url}#/${view}`)
        await page.locator('main h2').waitFor()
        expect(await violations(page)).toEqual([])
      }
      await page.goto('about:blank')
      await page.goto(`${url}#/settings`)
      await page.getByLabel('Time zone').fill('Europe/Nowhere')
      await page.getByText('Time zone is "Europe/Nowhere"').waitFor()
      await butler.configure({ window: { opensAt: '03:00' } })
      await page.getByRole('button', { name: 'Keep mine' }).waitFor()
      expect(await violations(page)).toEqual([])
    },
  )

  test.each([
    ['a phone', { viewport: { width: 360, height: 740 } }],
    ['200 % zoom', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
    ['400 % zoom', { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 }],
  ])('on %s nothing has to be scrolled sideways', async (name, options) => {
    const { url, butler } = await serveDashboard({ tasks: { RefreshLibraries: held() } })
    await butler.start('RefreshLibraries')
    const page = await openPage(url, options)
    for (const view of views) {
      await page.goto(`${url}#/${view}`)
      await page.locator('main h2').waitFor()
      await page.waitForLoadState('load')
      expect(await isTooWide(page)).toBe(false)
    }
    await page.goto(`${url}#/`)
    await page.locator('.bar').first().waitFor()
    expect(await isTooWide(page)).toBe(false)
    await page.screenshot({ path: `${shots}/${name.replaceAll(/\W+/g, '-')}.png`, fullPage: true })
  })

  test('a keyboard is enough to skip, start, stop, and look at a run', async () => {
    const { url } = await serveDashboard({ tasks: { BackupDatabase: held() } })
    const page = await openPage(url)
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)
    const tabTo = async (name: string) => {
      for (let presses = 0; (await focused()) !== name; presses += 1) {
        expect(presses).toBeLessThan(80)
        await page.keyboard.press('Tab')
      }
    }
    await page.getByRole('button', { name: 'Start Back up the database' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await tabTo('Start Back up the database')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Stop Back up the database' }).waitFor()
    // The pressed button went away, and the focus with it to the one in its place.
    expect(await focused()).toBe('Stop Back up the database')
    await page.keyboard.press('Enter')
    await page.getByRole('row').filter({ hasText: 'Back up the database' }).getByText('stopped').waitFor()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Back up the database, one run' }).waitFor()
    expect(await focused()).toBe('Back up the database, one run')
  })

  test('a screen reader hears results and failures, and nothing of progress', async () => {
    const { url, butler, clock } = await serveDashboard({
      tasks: {
        RefreshLibraries: async ({ progress, log }) => {
          for (let step = 0; step <= 10; step += 1) progress(step / 10, `step ${step}`)
          log('nearly there')
          throw new Error('the disk is gone')
        },
      },
    })
    const page = await openPage(url)
    await page.evaluate(() => {
      const heard: string[] = []
      Object.assign(window, { heard })
      for (const region of document.querySelectorAll('[role=status], [role=alert]')) {
        new MutationObserver(() => heard.push(region.textContent ?? '')).observe(region, {
          childList: true,
          subtree: true,
          characterData: true,
        })
      }
    })
    await page.getByRole('button', { name: 'Start Scan the libraries' }).waitFor()
    await butler.start('RefreshLibraries')
    await clock.moveBy(2_000)
    await page.getByText('the disk is gone').waitFor()
    expect(await page.evaluate('window.heard')).toEqual(['Scan the libraries: failed.'])
  })

  test('times are told in the zone of the window, and in that of the reader where it differs', async () => {
    const { url } = await serveDashboard()
    const page = await openPage(url, { timezoneId: 'America/New_York' })
    await page.getByText('tomorrow 02:00 (today 21:00 for you)').first().waitFor()
    await page.getByText('times in UTC; you are in America/New_York').waitFor()
  })

  test('who wants no motion gets none', async () => {
    const { url } = await serveDashboard()
    const page = await openPage(url, { reducedMotion: 'reduce' })
    await page.getByRole('switch').first().waitFor()
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')].some((element) => getComputedStyle(element).transitionDuration !== '0s'),
    )
    expect(moving).toBe(false)
  })

  test('behind a proxy that strips a prefix everything is found, and stays live', async () => {
    const { port, butler } = await serveDashboard({ mountedAt: '/', tasks: { RefreshLibraries: held() } })
    const proxy = createServer((req, res) => {
      const path = (req.url ?? '').replace(/^\/tools\/night/, '')
      const onward = request({ host: '127.0.0.1', port, path, method: req.method, headers: req.headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(res)
      })
      onward.on('error', () => res.destroy())
      req.pipe(onward)
      res.on('close', () => onward.destroy())
    })
    const { server, port: outside } = await listen(((req: never, res: never) =>
      proxy.emit('request', req, res)) as never)
    try {
      const page = await openPage(`http://127.0.0.1:${outside}/tools/night/`)
      await page.getByText('Live', { exact: true }).waitFor()
      await butler.start('RefreshLibraries')
      await page.getByRole('button', { name: 'Stop Scan the libraries' }).click()
      await page.getByRole('row').filter({ hasText: 'Scan the libraries' }).getByText('stopped').waitFor()
    } finally {
      await close(server)
    }
  })

  test('a broken line is told, and what was missed is shown when it is back', async () => {
    const { url, butler, app, server, port } = await serveDashboard({ tasks: { RefreshLibraries: held() } })
    const page = await openPage(url, { mayComplain: /ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/ })
    await page.getByText('Live', { exact: true }).waitFor()
    await close(server)
    await page.getByText('No connection; trying again').waitFor()
    await butler.start('RefreshLibraries')
    server.listen(port, '127.0.0.1')
    expect(app).toBeDefined()
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 })
    await page.getByRole('row').filter({ hasText: 'Scan the libraries' }).getByText('running').first().waitFor()
  })
})
