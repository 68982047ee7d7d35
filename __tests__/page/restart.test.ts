import { join } from 'node:path'
import { aBrowser, describeInBrowser } from '../helpers/browser'
import { freePort } from '../helpers/free-port'
import { talker } from '../helpers/processes'
import { tempFolder } from '../helpers/temp-folder'
import { program } from '../helpers/transpiled'

jest.setTimeout(60_000)

/** A careful host allows for ten seconds or more before it is killed. */
const GRACE_MS = 8_000

const pageProcess = program('page-process')

describeInBrowser('a server that is restarted under an open page', () => {
  const openPage = aBrowser()

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends soon after %s, and the page says so, comes back by itself, and hears again',
    async (signal) => {
      const [port, file] = [String(await freePort()), join(tempFolder(), 'butler.json')]
      const url = `http://127.0.0.1:${port}/ops/`
      const server = talker(process.execPath, pageProcess(), port, file)
      await server.next('open')
      const page = await openPage(url, { mayComplain: /ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/ })
      await page.getByText('Live', { exact: true }).waitFor()
      process.kill(server.pid, signal)
      expect((await server.next('closed')).closed).toBeLessThan(GRACE_MS)
      await server.ended
      await page.getByText('No connection; trying again').waitFor()
      const again = talker(process.execPath, pageProcess(), port, file)
      await again.next('open')
      await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 })
      // Somebody else's doing, so that the page has it from its line.
      await fetch(`${url}api/tasks/Quick`, { method: 'POST' })
      await page
        .getByRole('row')
        .filter({ hasText: 'Quick' })
        .getByRole('link', { name: 'completed', exact: true })
        .waitFor()
    },
  )
})
