import type { TaskFunction } from 'express-butler'
import { foldersOf } from '../library/folders'
import type { Library } from '../library/library'
import { mediaTasks } from '../tasks'
import { damage, damaged } from './helpers/damaged-media'
import { contentsOf, unfinishedIn } from './helpers/files'
import { descendantsOf } from './helpers/processes'
import { aLibrary, aSampleLibrary, aScannedLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask } from './helpers/test-run'

/** What holds for each of the tasks, whatever it does. */

// No test asks the real registry of npm: this port answers nobody.
const { npm_config_registry: before } = process.env
beforeAll(() => {
  process.env.npm_config_registry = 'http://127.0.0.1:9/'
})
afterAll(() => {
  if (before === undefined) delete process.env.npm_config_registry
  else process.env.npm_config_registry = before
})
afterEach(cleanUp)
afterAll(forgetSamples)

const names = Object.keys(mediaTasks({ folders: foldersOf('data', null) } as Library)) as (keyof ReturnType<
  typeof mediaTasks
>)[]

function functionOf(library: Library, name: (typeof names)[number]): TaskFunction {
  const task = mediaTasks(library)[name]
  return typeof task === 'function' ? task : task.run
}

describe.each(names)('%s', (name) => {
  const run = (library: Library, options = {}) => runTask(functionOf(library, name), options)

  test('changes nothing the second time, says so, and leaves the media as they are', async () => {
    const library = await aScannedLibrary()
    const before = await contentsOf(library.folders.media)
    await run(library)
    const { result, log } = await run(library)
    expect(result).toMatchObject({ changed: 0 })
    expect(result.summary).toMatch(/^0 changed/)
    expect(log).toContain(result.summary)
    expect(await contentsOf(library.folders.media)).toEqual(before)
    expect(await unfinishedIn(library.folders.data)).toEqual([])
  })

  test('names what is damaged, and does its work on all the rest', async () => {
    const library = await aSampleLibrary()
    const good = await damage(library.folders.media)
    const scan = await runTask(functionOf(library, 'RefreshLibraries'))
    const items = scan.result.problems.map(({ item }: { item: string }) => item)
    for (const path of good) expect(items).not.toContain(path)
    const { result } = await run(library)
    for (const { item } of result.problems ?? []) expect(damaged).toContain(item)
    expect(JSON.stringify(result).length).toBeLessThan(10_000)
    expect(await unfinishedIn(library.folders.data)).toEqual([])
  })

  test('has nothing to do where there are no media, and says so', async () => {
    const library = await aLibrary()
    const outcome = await run(library).catch((error: Error) => error)
    if (outcome instanceof Error) expect(outcome.message).toContain('is its disk mounted?')
    else expect(outcome.result.summary).toMatch(/^\d+ changed/)
  })

  test('tells how far it is, up to the end', async () => {
    const library = await aScannedLibrary()
    const { fractions, messages, result } = await run(library)
    expect(fractions).toEqual([...fractions].sort((one, other) => one - other))
    expect(fractions.at(-1)).toBe(1)
    expect(messages.at(-1)).toBe(result.summary)
  })

  test('a stop at any step ends it within a second, leaves nothing half done, and the next run ends well', async () => {
    const steps = (await run(await aScannedLibrary())).messages.length
    const library = await aScannedLibrary()
    for (const step of new Set([0, 1, Math.floor(steps / 2), steps - 2])) {
      const stop = new AbortController()
      let seen = 0
      let askedAt = Number.NaN
      const onProgress = () => {
        if (seen++ !== step) return
        askedAt = Date.now()
        stop.abort(new Error('stop'))
      }
      const ending = await run(library, { signal: stop.signal, onProgress }).catch((error: Error) => error)
      if (ending instanceof Error) expect(ending.message).toBe('stop')
      if (!Number.isNaN(askedAt)) expect(Date.now() - askedAt).toBeLessThan(1_000)
      expect(descendantsOf(process.pid)).toEqual([])
      expect(await unfinishedIn(library.folders.data)).toEqual([])
    }
    expect((await run(library)).result.summary).toMatch(/^\d+ changed/)
    expect((await run(library)).result.summary).toMatch(/^0 changed/)
  })

  test('does nothing for a signal that has aborted', async () => {
    const library = await aScannedLibrary()
    await expect(run(library, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
  })
})
