import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Library } from '../library/library'
import { type Metadata, type MetadataProvider, ProviderSilent, type Subject } from '../library/metadata-provider'
import { metadataOf, type SubjectState } from '../library/subjects'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { planRefresh, refreshPeriodicMetadata, waitAfter } from '../tasks/RefreshPeriodicMetadata'
import { contentsOf } from './helpers/files'
import { makeSong } from './helpers/songs'
import { aLibrary, aSampleLibrary, cleanUp, forgetSamples, inMedia } from './helpers/test-library'
import { runTask } from './helpers/test-run'

afterEach(cleanUp)
afterAll(forgetSamples)

const HOUR = 60 * 60 * 1_000
const DAY = 24 * HOUR
const NOON = new Date(2026, 0, 15, 12)
const daysAgo = (days: number) => NOON.getTime() - days * DAY

const aSubject = (name: string, otherwise: Partial<SubjectState> = {}): SubjectState => {
  return { kind: 'artist', name, triedAt: null, refreshedAt: null, failures: 0, retryAt: null, ...otherwise }
}
const refreshed = (name: string, days: number) => aSubject(name, { triedAt: daysAgo(days), refreshedAt: daysAgo(days) })
const failed = (name: string, failures: number, retryAt: number) =>
  aSubject(name, { triedAt: daysAgo(3), failures, retryAt })

describe('whose turn it is', () => {
  const many = (count: number, of: (at: number) => SubjectState) => Array.from({ length: count }, (_, at) => of(at))

  test.each<[string, SubjectState[], string[]]>([
    ['nobody', [], []],
    ['one who was never refreshed', [aSubject('a')], ['a']],
    ['who was never refreshed comes first', [refreshed('a', 40), aSubject('b')], ['b']],
    ['then who has waited longest', [refreshed('a', 2), refreshed('b', 9), refreshed('c', 5)], ['b']],
    ['nobody more today', [refreshed('a', 0), refreshed('b', 9)], []],
    ['one whose time after a failure has come, besides', [refreshed('a', 9), failed('b', 1, daysAgo(1))], ['a', 'b']],
    ['not one who must wait after a failure', [refreshed('a', 9), failed('b', 1, NOON.getTime() + 1)], ['a']],
    ['a clock set back harms nobody', [refreshed('a', -2), refreshed('b', 9)], ['b']],
    ['two of 31', many(31, (at) => refreshed(`${at}`, at + 1)), ['30', '29']],
    ['one of 30', many(30, (at) => refreshed(`${at}`, at + 1)), ['29']],
    ['one more of 31, as one was today', many(31, (at) => refreshed(`${at}`, at)), ['30']],
  ])('%s', (_, subjects, expected) => {
    expect(planRefresh(subjects, NOON).map(({ name }) => name)).toEqual(expected)
  })

  test.each([1, 2, 29, 30, 31, 61, 500])('%i subjects all have had theirs within 30 days', (count) => {
    const subjects = many(count, (at) => aSubject(`${at}`))
    for (let day = 0; day < 30; day += 1) {
      const now = new Date(NOON.getTime() + day * DAY)
      for (const subject of planRefresh(subjects, now)) subject.triedAt = subject.refreshedAt = now.getTime()
      expect(planRefresh(subjects, now)).toEqual([])
    }
    expect(subjects.filter(({ refreshedAt }) => refreshedAt === null)).toEqual([])
  })
})

test.each([
  [1, HOUR],
  [2, 2 * HOUR],
  [5, 16 * HOUR],
  [9, 7 * DAY],
  [2_000, 7 * DAY],
])('after %i failures it waits %i ms', (failures, ms) => expect(waitAfter(failures)).toBe(ms))

const metadata: Metadata = { title: null, plot: null, year: null, genres: [], ids: {}, parts: [], items: 1 }

/** A provider that notes who was asked about. */
function aProvider(answer: (subject: Subject, signal: AbortSignal) => Promise<Metadata> = async () => metadata) {
  const asked: string[] = []
  const provider: MetadataProvider = {
    name: 'a provider',
    spacingMs: 0,
    timeLimitMs: 60_000,
    fetch: async (subject, signal) => {
      asked.push(subject.name)
      return answer(subject, signal)
    },
  }
  return { provider, asked }
}

/** A library of so many artists, whose clock can be set. */
async function aLibraryOf(artists: number) {
  const clock = { now: NOON }
  const library = await aLibrary({ now: () => clock.now })
  await library.database.write(new AbortController().signal, (run) => {
    for (let at = 0; at < artists; at += 1) {
      const sql = `INSERT INTO item (path, kind, size, mtime_ms, title, artist) VALUES (?, 'music', 1, 1, 'A', ?)`
      run(sql, `Music/${at}.mp3`, `Artist ${String(at).padStart(3, '0')}`)
    }
  })
  return { library, clock, pass: (ms: number) => (clock.now = new Date(clock.now.getTime() + ms)) }
}

const run = (library: Library, provider?: MetadataProvider, options = {}) =>
  runTask(refreshPeriodicMetadata(library, provider), options)

test('refreshes a thirtieth a day, names them, and nobody the second time that day', async () => {
  const { library, pass } = await aLibraryOf(61)
  const { provider, asked } = aProvider()
  const first = await run(library, provider)
  expect(first.result).toMatchObject({ changed: 3, unchanged: 0, failed: 0, providerAnswers: true })
  expect(first.messages).toEqual(expect.arrayContaining(['Artist 000', 'Artist 001', 'Artist 002']))
  const { result } = await run(library, provider)
  expect(result).toMatchObject({ changed: 0, failed: 0 })
  expect(result.summary).toMatch(/^0 changed/)
  expect(asked).toHaveLength(3)
  pass(DAY)
  await run(library, provider)
  expect(asked.slice(3)).toEqual(['Artist 003', 'Artist 004', 'Artist 005'])
})

test('who is asked about again and is the same as before has not changed', async () => {
  const { library, pass } = await aLibraryOf(1)
  const { provider, asked } = aProvider()
  await run(library, provider)
  pass(DAY)
  expect((await run(library, provider)).result).toMatchObject({ changed: 0, unchanged: 1 })
  expect(asked).toHaveLength(2)
})

test('a failure is named, keeps what is known, and is tried again after a wait that grows and outlives the process', async () => {
  const { library, pass } = await aLibraryOf(1)
  await run(library, aProvider().provider)
  pass(DAY)
  const { provider, asked } = aProvider(async () => {
    throw new Error('is broken')
  })
  const problems = [{ item: 'Artist 000', reason: 'is broken' }]
  expect((await run(library, provider)).result).toMatchObject({ changed: 0, failed: 1, problems })
  expect(metadataOf(library.database, { kind: 'artist', name: 'Artist 000' })).toEqual(metadata)
  for (const [ms, calls] of [
    [HOUR - 1, 1],
    [1, 2],
    [2 * HOUR - 1, 2],
    [1, 3],
  ] as const) {
    pass(ms)
    await run(library, provider)
    expect(asked).toHaveLength(calls)
  }
  pass(4 * HOUR)
  expect((await run(library, aProvider().provider)).result).toMatchObject({ failed: 0, unchanged: 1 })
  expect(library.database.get('SELECT failures, retry_at FROM subject')).toEqual({ failures: 0, retry_at: null })
})

test('one bad subject does not hold up the rest', async () => {
  const { library } = await aLibraryOf(90)
  const { provider } = aProvider(async ({ name }) => {
    if (name === 'Artist 001') throw new Error('is broken')
    return metadata
  })
  expect((await run(library, provider)).result).toMatchObject({ changed: 2, failed: 1 })
})

test('a provider that is down ends the run after three calls, and is left alone, then asked again', async () => {
  const { library, pass } = await aLibraryOf(300)
  const down = aProvider(async () => {
    throw new ProviderSilent('connection refused')
  })
  const { result } = await run(library, down.provider)
  expect(result).toMatchObject({ changed: 0, unchanged: 0, failed: 3, postponed: 7, providerAnswers: false })
  expect(result.summary).toMatch(/; a provider does not answer, asked again after 2026-01-15T/)
  pass(HOUR - 1)
  expect((await run(library, down.provider)).result).toMatchObject({ changed: 0, failed: 0, providerAnswers: false })
  expect(down.asked).toHaveLength(3)

  pass(1)
  await run(library, down.provider)
  expect(down.asked).toHaveLength(6)
  pass(2 * HOUR - 1)
  await run(library, down.provider)
  expect(down.asked).toHaveLength(6)

  pass(1)
  const up = aProvider()
  const again = (await run(library, up.provider)).result
  expect(again).toMatchObject({ failed: 0, postponed: 0, providerAnswers: true })
  expect(again.changed).toBeGreaterThan(0)
})

test('a provider that asks to be left alone longer is', async () => {
  const { library, pass } = await aLibraryOf(1)
  const { provider, asked } = aProvider(async () => {
    throw new ProviderSilent('too many requests', 5 * HOUR)
  })
  await run(library, provider)
  pass(4 * HOUR)
  await run(library, provider)
  expect(asked).toHaveLength(1)
})

test('a provider that never answers is given up', async () => {
  const { library } = await aLibraryOf(1)
  const { provider } = aProvider(() => new Promise(() => {}))
  const { result } = await run(library, { ...provider, timeLimitMs: 5 })
  expect(result.problems).toEqual([{ item: 'Artist 000', reason: 'a provider did not answer within 5 ms' }])
})

test('a stop in the middle of a call ends the run within a second, and the next goes on with the rest', async () => {
  const { library } = await aLibraryOf(120)
  const stop = new AbortController()
  let askedAt = 0
  const { provider } = aProvider(async ({ name }) => {
    if (name !== 'Artist 002') return metadata
    setImmediate(() => {
      askedAt = Date.now()
      stop.abort(new Error('stop'))
    })
    return new Promise(() => {})
  })
  await expect(run(library, provider, { signal: stop.signal })).rejects.toThrow('stop')
  expect(Date.now() - askedAt).toBeLessThan(1_000)
  const next = aProvider()
  expect((await run(library, next.provider)).result).toMatchObject({ changed: 2 })
  expect(next.asked).toEqual(['Artist 002', 'Artist 003'])
})

test('artists that have left the library are forgotten', async () => {
  const { library } = await aLibraryOf(2)
  const { provider } = aProvider()
  await run(library, provider)
  await library.database.write(new AbortController().signal, (sql) =>
    sql(`DELETE FROM item WHERE artist = 'Artist 000'`),
  )
  expect((await run(library, provider)).result).toMatchObject({ forgotten: 1 })
  expect(library.database.all('SELECT name FROM subject')).toEqual([{ name: 'Artist 001' }])
})

describe('the files themselves', () => {
  const show = 'Shows/Name (2020)'
  async function aLibraryWithAShow(): Promise<{ library: Library; pass(): void }> {
    let now = NOON
    const library = await aSampleLibrary({ now: () => now })
    for (const name of ['Season 01/Name - S01E01.mkv', 'Season 01/Name - S01E02.mkv', 'Season 02/Name - S02E01.mkv']) {
      const file = inMedia(library, `${show}/${name}`)
      await mkdir(dirname(file), { recursive: true })
      await copyFile(inMedia(library, 'Films/A Quiet Moment (2022).mkv'), file)
    }
    await runTask(refreshLibraries(library))
    return { library, pass: () => (now = new Date(now.getTime() + DAY)) }
  }

  async function throughAll({ library, pass }: { library: Library; pass(): void }) {
    const results = []
    for (let day = 0; day < 3; day += 1) {
      results.push((await run(library)).result)
      pass()
    }
    return results
  }

  const of = ({ database }: Library, kind: Subject['kind'], name: string) => metadataOf(database, { kind, name })

  test('tell of artists and shows by their tags and paths', async () => {
    const all = await aLibraryWithAShow()
    const { library } = all
    const before = await contentsOf(library.folders.media)
    await throughAll(all)
    const waves = { title: 'The Sine Waves', year: 1984, genres: ['Electronic'], parts: ['Pure Tones'], items: 2 }
    expect(of(library, 'artist', 'The Sine Waves')).toMatchObject(waves)
    const found = { title: 'Name', year: 2020, parts: ['Season 1', 'Season 2'], items: 3 }
    expect(of(library, 'show', 'Name (2020)')).toMatchObject(found)
    expect(await contentsOf(library.folders.media)).toEqual(before)
  })

  test('a piece with a guest is the work of its artist, and nobody is asked about the two as one', async () => {
    let now = NOON
    const library = await aLibrary({ now: () => now })
    const artists = ['Foo', 'Foo feat. Bar', 'Foo (ft. Baz)', 'Foo Fighters', 'Various Artists']
    for (const [at, artist] of artists.entries()) makeSong(library, `${at}.flac`, { artist, album: `Album ${at}` })
    await runTask(refreshLibraries(library))
    await throughAll({ library, pass: () => (now = new Date(now.getTime() + DAY)) })
    expect(library.database.all('SELECT name FROM subject')).toEqual([{ name: 'Foo' }, { name: 'Foo Fighters' }])
    expect(of(library, 'artist', 'Foo')).toMatchObject({ items: 3, parts: ['Album 0', 'Album 1', 'Album 2'] })
    expect(of(library, 'artist', 'Foo Fighters')).toMatchObject({ items: 1 })
  })

  test('also where the scan’s report has gone', async () => {
    const all = await aLibraryWithAShow()
    await rm(all.library.folders.metadata, { recursive: true })
    await throughAll(all)
    expect(of(all.library, 'artist', 'The Sine Waves')).toMatchObject({ genres: ['Electronic'] })
  })

  test('and what artist.nfo and tvshow.nfo say comes first', async () => {
    const all = await aLibraryWithAShow()
    const { library } = all
    const artist = '<artist><name>The Waves</name><biography>Sang.</biography><genre>Pop</genre></artist>'
    await writeFile(inMedia(library, 'Music/The Sine Waves/Artist.NFO'), artist)
    const series = '<tvshow><title>The Name</title><plot>Much.</plot><year>2019</year></tvshow>'
    await writeFile(inMedia(library, `${show}/tvshow.nfo`), series)
    await throughAll(all)
    const waves = { title: 'The Waves', plot: 'Sang.', genres: ['Pop'], year: 1984 }
    expect(of(library, 'artist', 'The Sine Waves')).toMatchObject(waves)
    expect(of(library, 'show', 'Name (2020)')).toMatchObject({ title: 'The Name', plot: 'Much.', year: 2019 })
  })

  test('nothing is forgotten while the disk of the media is away', async () => {
    const all = await aLibraryWithAShow()
    const { folders } = all.library
    await writeFile(inMedia(all.library, `${show}/tvshow.nfo`), '<tvshow><plot>Much.</plot></tvshow>')
    await throughAll(all)
    await rm(folders.media, { recursive: true })
    const results = await throughAll(all)
    expect(results.map(({ changed }) => changed)).toEqual([0, 0, 0])
    expect(results[0].problems).toMatchObject([{ reason: 'no longer there, or a link to nothing' }])
    expect(of(all.library, 'show', 'Name (2020)')).toMatchObject({ plot: 'Much.' })
  })

  test('a broken .nfo is named, and the rest goes on', async () => {
    const all = await aLibraryWithAShow()
    await writeFile(inMedia(all.library, `${show}/tvshow.nfo`), '<tvshow>')
    const results = await throughAll(all)
    const problem = { item: 'Name (2020)', reason: expect.stringMatching(/tvshow\.nfo: broken XML/) }
    expect(results.flatMap(({ problems }) => problems)).toEqual([problem])
    expect(of(all.library, 'artist', 'The Noise Makers')).toMatchObject({ parts: ['Colours'] })
  })
})
