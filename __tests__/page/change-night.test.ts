/// <reference lib="dom" />
import { aBrowser, describeInBrowser } from '../helpers/browser'
import { serveDashboard } from '../helpers/operated-page'

jest.setTimeout(30_000)

describeInBrowser('in a night in which clocks change', () => {
  const openPage = aBrowser()

  test.each([
    ['Europe/Berlin', '2026-03-29T10:00Z', '03:00–05:00', 2, ['00:00', '04:00']],
    ['Europe/Berlin', '2026-10-25T11:00Z', '02:00–05:00', 4, ['02:00', '02:00', '04:00']],
    ['Australia/Lord_Howe', '2026-04-05T01:30Z', '02:00–05:00', 3, ['02:00', '04:00']],
  ])('in %s at %s the window is drawn as long as it is', async (timeZone, at, words, hours, names) => {
    const window = { opensAt: '02:00', closesAt: '05:00', timeZone }
    const { url } = await serveDashboard({ at, window })
    // Of a night that is looked back on the picture has 24 hours.
    const page = await openPage(`${url}#/nights/${at.slice(0, 10)}`, { viewport: { width: 1_280, height: 900 } })
    const band = page.locator('.band', { has: page.locator('title', { hasText: `window ${words}` }) }).first()
    await band.waitFor({ state: 'attached' })
    const [bandWidth, pictureWidth] = await band.evaluate((group) => {
      const picture = group.closest('svg') as SVGSVGElement
      return [group.querySelector('rect')?.width.baseVal.value ?? 0, picture.viewBox.baseVal.width - 188 - 8]
    })
    expect(Math.round((bandWidth / pictureWidth) * 24 * 10) / 10).toBe(hours)
    const drawn = await page.locator('.hour-name').allTextContents()
    expect(drawn.filter((name) => names.includes(name)).slice(0, names.length)).toEqual(names)
  })
})
