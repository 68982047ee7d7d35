import type { Trigger } from 'express-butler'
import { afterFirstScan } from '../tasks/after-first-scan'
import { addItems } from './helpers/rows'
import { aLibrary, cleanUp } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)

async function aTask({ ownsMedia = false } = {}) {
  const { folders, ...rest } = await aLibrary()
  const library = { ...rest, folders: { ...folders, ownsMedia } }
  const work = jest.fn(async () => 'done')
  const begin = (trigger: Trigger, signal?: AbortSignal) =>
    runTask(afterFirstScan(library, work), { trigger, signal }).then(({ result }) => result)
  return { library, work, begin }
}

test.each(['window', 'start-all'] as const)('what a %s starts waits for the first scan', async (trigger) => {
  const { library, work, begin } = await aTask()
  const running = begin(trigger)
  await addItems(library, 1)
  expect(work).not.toHaveBeenCalled()
  library.firstScan.end()
  await expect(running).resolves.toBe('done')
  await expect(begin(trigger)).resolves.toBe('done')
})

test('what a person starts by name waits for nothing, but for samples', async () => {
  await expect((await aTask()).begin('manual')).resolves.toBe('done')
  const { library, work, begin } = await aTask({ ownsMedia: true })
  const running = begin('manual')
  await addItems(library, 1)
  expect(work).not.toHaveBeenCalled()
  library.firstScan.end()
  await expect(running).resolves.toBe('done')
})

test('a stop ends the waiting, and nothing is done', async () => {
  const { library, work, begin } = await aTask()
  const stop = new AbortController()
  const running = begin('window', stop.signal)
  stop.abort(new Error('the window closes'))
  await expect(running).rejects.toThrow('the window closes')
  library.firstScan.end()
  expect(work).not.toHaveBeenCalled()
})
