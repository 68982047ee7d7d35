import { aBrowser, describeInBrowser, shots } from '../helpers/browser'
import { held } from '../helpers/butler'
import { serveDashboard } from '../helpers/operated-page'

jest.setTimeout(30_000)

describeInBrowser('the pictures of the README', () => {
  const openPage = aBrowser()

  test.each(['light', 'dark'] as const)('are made anew for whoever wants to keep them, %s', async (colorScheme) => {
    const work = held()
    const { url, butler, clock } = await serveDashboard({
      at: '2026-01-15T01:59Z',
      tasks: {
        GenerateChapterThumbs: (context) => {
          context.progress(0.42, 'The Long Night (2024)')
          return work(context)
        },
        DeepMediaAnalysis: held(),
        BackupDatabase: { run: async () => {}, intervalDays: 1 },
        CheckForUpdates: async () => {
          throw new Error('registry.example answered 503')
        },
        OptimizeDatabase: { run: async () => {}, intervalDays: 14 },
      },
      random: () => 0.55,
    })
    await clock.moveTo('2026-01-15T03:50Z')
    const page = await openPage(url, { colorScheme, viewport: { width: 1180, height: 1240 } })
    await page.getByText('42 % · The Long Night (2024)').waitFor()
    await page.locator('.fortnight a').nth(13).waitFor()
    await page.locator('.bar').nth(3).waitFor()
    await page.screenshot({ path: `${shots}/readme-${colorScheme}.png` })
    expect((await butler.list()).filter(({ state }) => state === 'running')).toHaveLength(2)
  })
})
