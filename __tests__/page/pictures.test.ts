import { aBrowser, describeInBrowser, shots } from '../helpers/browser'
import { held } from '../helpers/butler'
import { serveDashboard } from '../helpers/operated-page'

jest.setTimeout(30_000)

describeInBrowser('the pictures of the README', () => {
  const openPage = aBrowser()

  test.each(['light', 'dark'] as const)('are made anew for whoever wants to keep them, %s', async (colorScheme) => {
    const work = held()
    /** A task that takes some minutes of the test's clock. */
    const takes = (minutes: number) => () =>
      new Promise<void>((resolve) => void host.clock.callAfter(minutes * 60_000, resolve))
    const draws = [0.2, 0.75, 0.6]
    const host = await serveDashboard({
      at: '2026-01-15T01:59Z',
      tasks: {
        GenerateChapterThumbs: (context) => {
          context.progress(0.42, 'The Long Night (2024)')
          return work(context)
        },
        DeepMediaAnalysis: held(),
        BackupDatabase: { run: takes(4), intervalDays: 1 },
        CheckForUpdates: async () => {
          throw new Error('registry.example answered 503')
        },
        OptimizeDatabase: { run: takes(9), intervalDays: 14 },
      },
      random: () => draws.shift() ?? 0.9,
    })
    const { url, butler, clock } = host
    await clock.moveTo('2026-01-15T03:20Z')
    const page = await openPage(url, { colorScheme, viewport: { width: 1180, height: 1240 } })
    await page.getByText('42 % · The Long Night (2024)').waitFor()
    await page.locator('.fortnight a').nth(13).waitFor()
    await page.locator('.bar').nth(3).waitFor()
    await page.screenshot({ path: `${shots}/readme-${colorScheme}.png` })
    expect((await butler.list()).filter(({ state }) => state === 'running')).toHaveLength(2)
  })
})
