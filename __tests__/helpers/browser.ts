import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Where screenshots are kept for whoever wants to look. */
export const shots = join(__dirname, '../../reports/page')

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The system's Chromium; `CHROMIUM` says where another one is. */
export const chromiumPath = [process.env.CHROMIUM ?? '', ...usual].find((path) => existsSync(path))

/** `describe`, and by its name skipped where there is no Chromium. */
export const describeInBrowser = chromiumPath === undefined ? describe.skip : describe

/** Names that end in `.test` are this machine, and none that a browser would trust without HTTPS. */
const args = ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP *.test 127.0.0.1']

/** A browser for all tests of a file. Opens pages, each in a profile of its own, and fails a test whose page complained. */
export function aBrowser() {
  let browser: Browser
  const pages: { page: Page; complaints: string[] }[] = []

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, args })
  })

  afterAll(() => browser.close())

  afterEach(async () => {
    const complaints = pages.flatMap((opened) => opened.complaints)
    for (const { page } of pages.splice(0)) await page.context().close()
    expect(complaints).toEqual([])
  })

  /** `complaints`: what the page may complain of, such as a refusal that is the story. */
  return async function openPage(
    url: string,
    { mayComplain, ...options }: BrowserContextOptions & { mayComplain?: RegExp } = {},
  ): Promise<Page> {
    const context = await browser.newContext({ timezoneId: 'UTC', locale: 'en-GB', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const complaints: string[] = []
    const complain = (text: string) => void (mayComplain?.test(text) || complaints.push(text))
    page.on('pageerror', ({ message }) => complain(message))
    page.on('console', (message) => message.type() === 'error' && complain(message.text()))
    page.on('request', (asked) => new URL(asked.url()).origin === new URL(url).origin || complain(asked.url()))
    pages.push({ page, complaints })
    await page.goto(url)
    return page
  }
}
