import type { RequestHandler } from 'express'
import { aBrowser, describeInBrowser } from '../helpers/browser'
import { serveDashboard } from '../helpers/operated-page'

jest.setTimeout(60_000)

/** A host of one person, who is signed in until they sign out. */
function aHost({ isBroken = false } = {}): RequestHandler {
  let isSignedIn = true
  return (req, res, next) => {
    if (req.method === 'POST' && req.path === '/ops/logout') {
      isSignedIn = isBroken
      res.sendStatus(isBroken ? 500 : 204)
    } else if (isSignedIn) next()
    else res.send('<!doctype html><title>Sign in</title><h1>Who are you?</h1>')
  }
}

describeInBrowser('in a browser', () => {
  const openPage = aBrowser()

  test('whoever signs out sees nothing of the page any more', async () => {
    const { url } = await serveDashboard({ before: [aHost()], signOutAt: 'logout' })
    const page = await openPage(url)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
    expect(await page.getByRole('table').count()).toBe(0)
  })

  test('is told when the host would not let them out', async () => {
    const { url } = await serveDashboard({ before: [aHost({ isBroken: true })], signOutAt: 'logout' })
    const page = await openPage(url, { mayComplain: /500/ })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You could not be signed out').waitFor()
  })

  test('there is no such button where a host has no way out', async () => {
    const { url } = await serveDashboard()
    const page = await openPage(url)
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
  })
})
