import { readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskFunction } from 'express-butler'
import { foldersOf } from '../library/folders'
import { findItem, itemsOf, removeItems } from '../library/items'
import type { Library } from '../library/library'
import { kindOf } from '../media/kind'
import { mediaTasks } from '../tasks'
import { damage, damaged } from './helpers/damaged-media'
import { contentsOf, unfinishedIn } from './helpers/files'
import { allGone } from './helpers/processes'
import { LocalRegistry } from './helpers/registry'
import { aLibrary, aSampleLibrary, aScannedLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask, type TestRunOptions } from './helpers/test-run'

/** What holds for each of the tasks, whatever it does. */

const names = Object.keys(mediaTasks({ folders: foldersOf('data', null) } as Library)) as Name[]
type Name = keyof ReturnType<typeof mediaTasks>

// No test asks the real registry of npm: this one has a newer version of everything.
const { npm_config_registry: before } = process.env
let registry: LocalRegistry
beforeAll(async () => {
  registry = await LocalRegistry.open((_, response) => response.end('{"dist-tags":{"latest":"999.0.0"}}'))
  process.env.npm_config_registry = registry.url
})
afterAll(async () => {
  if (before === undefined) delete process.env.npm_config_registry
  else process.env.npm_config_registry = before
  await registry.close()
})
afterEach(cleanUp)
afterAll(forgetSamples)

function functionOf(library: Library, name: Name): TaskFunction {
  const task = mediaTasks(library)[name]
  return typeof task === 'function' ? task : task.run
}

const never = new AbortController().signal
const pathsOf = (library: Library, sql: string) =>
  library.database.all<{ path: string }>(sql).map(({ path }) => path.replace(/^.*\//, ''))
const foundBy = (task: Name) => (library: Library) =>
  pathsOf(library, `SELECT path FROM finding JOIN item ON item.id = item_id WHERE task = '${task}' ORDER BY 1`)
const filesNamed = (pattern: RegExp) => async (library: Library) =>
  (await readdir(library.folders.metadata, { recursive: true })).filter((name) => pattern.test(name)).length

interface Work {
  /** Gives the task something to do where a scanned library of samples has nothing for it. */
  prepare?(library: Library): Promise<void>
  /** How many changes the first run makes. */
  changes: number
  /** What can be seen of that afterwards. */
  seen(library: Library): unknown
  leaves: unknown
  /** Looks into files of these kinds, each on its own. */
  kinds?: ('video' | 'music' | 'photo')[]
}

const everything = ['video', 'music', 'photo'] as const

const works: Record<Name, Work> = {
  BackupDatabase: {
    changes: 1,
    seen: async ({ folders }) => (await readdir(folders.backups)).length,
    leaves: 1,
  },
  BuildGracenoteCollections: {
    changes: 3,
    seen: ({ database }) => database.all('SELECT kind, title FROM collection ORDER BY kind'),
    leaves: [
      { kind: 'artist', title: 'The Sine Waves' },
      { kind: 'decade', title: '1980s' },
      { kind: 'genre', title: 'Electronic' },
    ],
    kinds: ['music'],
  },
  CheckForUpdates: {
    changes: 1,
    seen: async ({ folders }) => (await readdir(folders.data)).includes('updates.json'),
    leaves: true,
  },
  CleanOldBundles: {
    async prepare({ database }) {
      const item = findItem(database, 'Photos/2025/Greys.jpg')
      if (item) await removeItems(database, never, [item], new Date(0))
    },
    changes: 1,
    seen: async ({ folders }) => (await readdir(folders.quarantine)).length,
    leaves: 1,
  },
  CleanOldCacheFiles: {
    async prepare({ folders }) {
      for (const name of ['new', 'old']) await writeFile(join(folders.cache, name), name)
      await utimes(join(folders.cache, 'old'), 1, 1)
    },
    changes: 1,
    seen: ({ folders }) => readdir(folders.cache),
    leaves: ['new'],
  },
  DeepMediaAnalysis: {
    changes: 6,
    seen: (library) => foundBy('DeepMediaAnalysis')(library).length,
    leaves: 6,
    kinds: ['video', 'music'],
  },
  GenerateAutoTags: {
    changes: 3,
    seen: (library) => pathsOf(library, 'SELECT DISTINCT path FROM photo_tag JOIN item ON id = item_id ORDER BY 1'),
    leaves: ['Fractal.jpg', 'Portrait.jpg', 'Greys.jpg'],
    kinds: ['photo'],
  },
  GenerateChapterThumbs: { changes: 3, seen: filesNamed(/chapters.*\.jpg$/), leaves: 9, kinds: ['video'] },
  GenerateMediaIndexFiles: { changes: 3, seen: filesNamed(/index\.bif$/), leaves: 3, kinds: ['video'] },
  OptimizeDatabase: {
    async prepare({ database }) {
      for (const title of ['one', 'two', 'three']) {
        await database.write(never, (run) => run('INSERT INTO item_search (title) VALUES (?)', title))
      }
    },
    changes: 3,
    seen: ({ database }) => database.get('SELECT count(DISTINCT segid) AS pieces FROM item_search_idx'),
    leaves: { pieces: 1 },
  },
  RefreshLibraries: {
    prepare: ({ database }) => database.write(never, (run) => run('DELETE FROM item')),
    changes: 9,
    seen: async ({ database }) => (await itemsOf(database, everything)).length,
    leaves: 9,
  },
  RefreshLocalMedia: {
    changes: 6,
    seen: ({ database }) => database.get('SELECT count(DISTINCT item_id) AS items FROM local_asset'),
    leaves: { items: 6 },
    kinds: ['video', 'music'],
  },
  RefreshPeriodicMetadata: {
    changes: 1,
    seen: ({ database }) => database.all('SELECT name FROM subject WHERE metadata IS NOT NULL'),
    leaves: [{ name: 'The Noise Makers' }],
  },
  UpgradeMediaAnalysis: {
    prepare: ({ database }) => database.write(never, (run) => run('UPDATE item SET probe_version = 1')),
    changes: 9,
    seen: ({ database }) => database.get('SELECT count(*) AS items FROM item WHERE probe_version = 2'),
    leaves: { items: 9 },
    kinds: [...everything],
  },
}

/** Of each kind one sample. */
const lost = {
  video: 'Films/Three Chapters (2024).mp4',
  music: 'Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3',
  photo: 'Photos/2024/Fractal.jpg',
}

describe.each(names)('%s', (name) => {
  const { prepare = async () => {}, changes, seen, leaves, kinds = [] } = works[name]
  const run = (library: Library, options: TestRunOptions = {}) => runTask(functionOf(library, name), options)

  async function aLibraryWithWork(): Promise<Library> {
    const library = await aScannedLibrary()
    await prepare(library)
    return library
  }

  test('changes what it is for, nothing the second time, says so, and leaves the media as they are', async () => {
    const library = await aLibraryWithWork()
    const media = await contentsOf(library.folders.media)
    const first = await run(library)
    expect(first.result).toMatchObject({ changed: changes })
    expect(first.result.failed ?? 0).toBe(0)
    expect(first.result.summary).toMatch(new RegExp(`^${changes} changed`))
    expect(first.log).toEqual([first.result.summary])
    expect(await seen(library)).toEqual(leaves)

    const made = await contentsOf(library.folders.metadata)
    const second = await run(library)
    expect(second.result).toMatchObject({ changed: 0 })
    expect(second.result.failed ?? 0).toBe(0)
    expect(second.result.summary).toMatch(/^0 changed/)
    expect(second.log).toEqual([second.result.summary])
    expect(await seen(library)).toEqual(leaves)
    expect(await contentsOf(library.folders.metadata)).toEqual(made)
    expect(await contentsOf(library.folders.media)).toEqual(media)
    expect(await unfinishedIn(library.folders.data)).toEqual([])
  })

  test('names what has gone since the scan, each file once, and does its work on all the rest', async () => {
    const library = await aLibraryWithWork()
    const gone = kinds.map((kind) => lost[kind])
    for (const path of gone) await rm(join(library.folders.media, path))
    const { result } = await run(library)
    expect((result.problems ?? []).map(({ item }: { item: string }) => item).sort()).toEqual([...gone].sort())
    for (const { reason } of result.problems ?? []) expect(reason).toBe('no longer there, or a link to nothing')
    expect(result.failed ?? 0).toBe(gone.length)
    // Three pieces are read for three collections, of which two pieces alone make none.
    expect((result.read ?? result.changed) + gone.length).toBe(changes)
  })

  test('names what is damaged and nothing else, and does its work on all the rest', async () => {
    const library = await aSampleLibrary()
    const good = await damage(library.folders.media)
    const scan = await runTask(functionOf(library, 'RefreshLibraries'))
    const items = scan.result.problems.map(({ item }: { item: string }) => item)
    for (const path of damaged.filter((name) => /empty|text|cut off|loop|nowhere|back/.test(name))) {
      expect(items).toContain(path)
    }
    const usable = await itemsOf(library.database, everything)
    expect(usable.map(({ path }) => path)).toEqual(expect.arrayContaining(good))
    await prepare(library)
    const { result } = await run(library)
    for (const { item } of result.problems ?? []) expect(damaged).toContain(item)
    const own = usable.filter(({ kind }) => kinds.includes(kind)).length
    if (own > 0) expect((result.read ?? result.changed) + result.failed).toBe(own)
    expect(JSON.stringify(result).length).toBeLessThan(10_000)
    expect(await unfinishedIn(library.folders.data)).toEqual([])
    const again = (await run(library)).result
    expect([again.changed, again.failed]).toEqual([0, result.failed])
  })

  test('has nothing to do where there are no media, and says so', async () => {
    const library = await aLibrary()
    if (name === 'CleanOldBundles') {
      await expect(run(library)).rejects.toThrow('is its disk mounted?')
      return
    }
    const { result } = await run(library)
    const ofItsOwn = { BackupDatabase: 1, CheckForUpdates: 1, OptimizeDatabase: expect.any(Number) }
    expect(result.changed).toEqual(name in ofItsOwn ? ofItsOwn[name as keyof typeof ofItsOwn] : 0)
    expect(result.summary).toMatch(new RegExp(`^${result.changed} changed`))
  })

  test('tells how far it is, step by step up to the end, and what it is at', async () => {
    const { fractions, messages, result } = await run(await aLibraryWithWork())
    expect(fractions.length).toBeGreaterThan(1)
    expect(fractions[0]).toBeLessThan(1)
    expect(fractions).toEqual([...fractions].sort((one, other) => one - other))
    expect(fractions.at(-1)).toBe(1)
    expect(messages.every((message) => message.length > 0)).toBe(true)
    expect(messages.at(-1)).toBe(result.summary)
    const paths = messages.filter((message) => kindOf(message))
    for (const kind of kinds) expect(paths).toContain(lost[kind])
  })

  test('a stop at any step ends it within a second, leaves nothing half done, and the next run does the rest', async () => {
    const steps = (await run(await aLibraryWithWork())).messages.length
    for (const step of new Set([0, Math.min(1, steps - 2), Math.floor((steps - 1) / 2), steps - 2])) {
      const library = await aLibraryWithWork()
      const stop = new AbortController()
      let seenSteps = 0
      let askedAt = Number.NaN
      const onProgress = () => {
        if (seenSteps++ !== step) return
        askedAt = Date.now()
        stop.abort(new Error('stop'))
      }
      const ending = await run(library, { signal: stop.signal, onProgress }).catch((error: Error) => error)
      if (ending instanceof Error) expect(ending.message).toBe('stop')
      // At the last step the work may be over before it hears of the stop, but then all of it.
      else expect([step, await seen(library)]).toEqual([steps - 2, leaves])
      await allGone()
      expect(Date.now() - askedAt).toBeLessThan(1_000)
      expect(await unfinishedIn(library.folders.data)).toEqual([])

      const { result } = await run(library)
      expect(result.failed ?? 0).toBe(0)
      expect(await seen(library)).toEqual(leaves)
      expect((await run(library)).result.summary).toMatch(/^0 changed/)
    }
  })

  test('does nothing for a signal that has aborted', async () => {
    const library = await aLibraryWithWork()
    const untouched = await seen(library)
    await expect(run(library, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
    expect(await seen(library)).toEqual(untouched)
    expect(untouched).not.toEqual(leaves)
  })
})
