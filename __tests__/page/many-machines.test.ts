/// <reference lib="dom" />
import express from 'express'
import type { Page } from 'playwright-core'
import { bullmqQueue } from '../../lib/bullmq'
import { type Butler, createButler } from '../../lib/butler'
import { createButlerDashboard } from '../../lib/dashboard'
import { aBrowser, describeInBrowser } from '../helpers/browser'
import { describeWithRedisServer, ownPrefix, type RedisServer, startRedis } from '../helpers/databases'
import { close, listen } from '../helpers/http'
import { openNode } from '../helpers/nodes'
import { program } from '../helpers/transpiled'
import { closedWindow } from '../helpers/windows'

jest.setTimeout(60_000)

const nodeProcess = program('node-process')
const rowOf = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title })

/** An operator at one of many machines. */
describeInBrowser('in a browser', () => {
  describeWithRedisServer('at one of many machines', () => {
    const openPage = aBrowser()
    let redis: RedisServer
    const closing: (() => Promise<unknown>)[] = []

    beforeEach(async () => {
      redis = await startRedis()
    })
    afterEach(async () => {
      for (const close_ of closing.splice(0).reverse()) await close_()
      await redis.close()
    })

    /** A machine with a page that can only do `Quick`, and another one, without a page, that can do more. */
    async function serve() {
      const shared = { connection: { port: redis.port }, prefix: ownPrefix(), leaseMs: 1_000 }
      const queue = bullmqQueue(shared)
      const butler = createButler({ tasks: { Quick: async () => 'done' }, window: closedWindow(), queue })
      await butler.open()
      closing.push(() => butler.close())
      const join = (...tasks: string[]) => openNode(nodeProcess(), { ...shared, tasks })
      const other = await join('Slow', 'Brief')
      const dashboard = createButlerDashboard(butler as unknown as Butler, { authorize: () => true })
      const { server, port } = await listen(express().use('/ops', dashboard))
      closing.push(() => close(server))
      return { butler, other, join, url: `http://127.0.0.1:${port}/ops/` }
    }

    test('sees what runs on another one, how far it is, and stops it there', async () => {
      const { url, other } = await serve()
      const page = await openPage(url)
      const row = rowOf(page, 'Slow')
      await other.call('start', 'Slow')
      await row.getByText('50 % · half of it').waitFor()
      await row.getByRole('button', { name: 'Stop Slow' }).click()
      await row.getByText('stopped').waitFor()
      expect((await other.call('history', 'Slow')).value).toMatchObject([{ outcome: 'stopped' }])
    })

    test('starts there what only that one can do, and sees it end', async () => {
      const { url, other } = await serve()
      const page = await openPage(url)
      const row = rowOf(page, 'Brief')
      await row.getByRole('button', { name: 'Start Brief' }).click()
      await row.getByText('running').first().waitFor()
      await row.getByRole('link', { name: 'completed', exact: true }).waitFor()
      expect(other.calledFor()).toHaveLength(1)
    })

    test('sees the settings that somebody changed on another one, and changes them for all', async () => {
      const { url, other } = await serve()
      const page = await openPage(url)
      const toggle = page.getByRole('switch', { name: 'Quick runs by itself' })
      await toggle.waitFor()
      expect(await toggle.isChecked()).toBe(true)
      await other.call('configure', { enabled: { Quick: false } })
      await page.locator('[role=switch][aria-label="Quick runs by itself"]:not(:checked)').waitFor()
      await toggle.click()
      await page.locator('[role=switch][aria-label="Quick runs by itself"]:checked').waitFor()
      expect((await other.call('settings')).value?.enabled).toMatchObject({ Quick: true })
    })

    test('is told when Redis goes away, and goes on when it is back, without loading anything again', async () => {
      const { url } = await serve()
      const page = await openPage(url, { mayComplain: /503/ })
      const row = rowOf(page, 'Quick')
      await row.getByRole('button', { name: 'Start Quick' }).waitFor()
      await redis.kill()
      await row.getByRole('button', { name: 'Start Quick' }).click()
      await page.getByText('The Butler cannot reach what it works with').waitFor()
      await page.getByText('The Butler cannot be reached; this is how it was').waitFor({ timeout: 30_000 })
      await redis.start()
      await page.getByText('Live', { exact: true }).waitFor()
      await row.getByRole('button', { name: 'Start Quick' }).click()
      await row.getByRole('link', { name: 'completed', exact: true }).waitFor()
    })

    test('sees on the timeline what ran elsewhere, also after loading the page again', async () => {
      const { url, other } = await serve()
      await other.call('start', 'Slow', { by: 'ada' })
      const page = await openPage(url)
      await page.getByRole('link', { name: /^Slow: running/ }).waitFor()
      await page.goto(`${url}#/tasks/Slow`)
      await page.getByText('by hand, ada').waitFor()
    })

    test('gets a row for what a machine can do that comes later, and loses no focus', async () => {
      const { url, join } = await serve()
      const page = await openPage(url)
      await rowOf(page, 'Slow').waitFor()
      expect(await rowOf(page, 'Other').count()).toBe(0)
      const quick = page.getByRole('button', { name: 'Start Quick' })
      await quick.focus()
      await join('Other')
      await page.getByRole('button', { name: 'Start Other' }).waitFor({ timeout: 20_000 })
      // The new row stands above it.
      expect(await quick.evaluate((button) => button === document.activeElement)).toBe(true)
      await page.getByRole('button', { name: 'Start Other' }).click()
      await rowOf(page, 'Other').getByText('running').first().waitFor()
    })

    test('makes a whole round: the plan, the runs, what one wrote, the night, the window', async () => {
      const { url, other } = await serve()
      const page = await openPage(url)
      await page.getByRole('button', { name: 'Start all' }).click()
      await page.getByRole('dialog').getByText('Brief').waitFor()
      await page.getByRole('button', { name: 'Start 3' }).click()
      await rowOf(page, 'Brief').getByRole('link', { name: 'completed', exact: true }).waitFor()
      await page.getByRole('link', { name: 'Slow', exact: true }).click()
      await page.getByRole('button', { name: 'Stop Slow' }).click()
      await page.getByLabel('Outcome').selectOption('stopped')
      await page.getByRole('table').getByRole('link').click()
      await page.getByText('start all').waitFor()
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.getByLabel('Time zone').fill('Europe/Lisbon')
      await page.getByRole('button', { name: 'Save the window' }).click()
      await page.getByText('Saved.', { exact: true }).waitFor()
      expect((await other.call('settings')).value?.window).toMatchObject({ timeZone: 'Europe/Lisbon' })
    })

    test('gets its switch in the settings, too, and keeps what is being typed there', async () => {
      const { url, join } = await serve()
      const page = await openPage(`${url}#/settings`)
      const opensAt = page.getByLabel('Opens at')
      await opensAt.fill('01:00')
      await join('Other')
      await page.getByRole('switch', { name: 'Other' }).waitFor({ timeout: 20_000 })
      expect(await opensAt.inputValue()).toBe('01:00')
      expect(await opensAt.evaluate((input) => input === document.activeElement)).toBe(true)
      expect(await page.getByText('Somebody else has changed').count()).toBe(0)
    })

    test('who comes while Redis is away is told why there is nothing, and sees all when it is back', async () => {
      const { url } = await serve()
      await redis.kill()
      const page = await openPage(url, { mayComplain: /503/ })
      await page.getByRole('alert').getByText('The Butler cannot reach what it works with').waitFor()
      await page.getByText('The Butler cannot be reached; this is how it was').waitFor()
      await redis.start()
      await rowOf(page, 'Quick').waitFor({ timeout: 20_000 })
      await page.getByText('Live', { exact: true }).waitFor()
      expect(await page.getByRole('alert').textContent()).toBe('')
    })
  })
})
