import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findingOf } from '../library/findings'
import { findItem } from '../library/items'
import type { Library } from '../library/library'
import type { MusicTags } from '../media/music-tags'
import { buildGracenoteCollections, tagReading } from '../tasks/BuildGracenoteCollections'
import { refreshLibraries } from '../tasks/RefreshLibraries'
import { isBeingWritten } from './helpers/being-written'
import { id3Text, makeApe, makeSong, putId3, tagsOf } from './helpers/songs'
import { aLibrary, aScannedLibrary, cleanUp, forgetSamples } from './helpers/test-library'
import { runTask } from './helpers/test-run'
import { until } from './helpers/until'

afterEach(cleanUp)
afterAll(forgetSamples)

const build = (library: Library, options = {}) => runTask(buildGracenoteCollections(library), options)

async function scanAndBuild(library: Library) {
  await runTask(refreshLibraries(library))
  return (await build(library)).result
}

/** Every collection with the paths in it, as the README says to ask for them. */
function collectionsIn({ database }: Library): Record<string, string[]> {
  const rows = database.all<{ name: string; paths: string }>(
    `SELECT collection.kind || ' ' || collection.title AS name, json_group_array(item.path ORDER BY item.path) AS paths
     FROM collection JOIN collection_item ON collection_id = collection.id JOIN item ON item.id = item_id
     GROUP BY collection.id ORDER BY name`,
  )
  return Object.fromEntries(rows.map(({ name, paths }) => [name, JSON.parse(paths)]))
}

function tagsReadIn({ database }: Library, path: string): MusicTags {
  const item = findItem(database, path)
  const tags = item && findingOf<MusicTags>(database, tagReading, item)
  if (!tags) throw new Error(`${path} has not been read`)
  return tags
}

const concert = 'Music/The Sine Waves/Pure Tones/01 Concert Pitch.mp3'
const octave = 'Music/The Sine Waves/Pure Tones/02 An Octave Below.flac'

test('puts the samples together by artist, decade and genre, as another tool reads their tags', async () => {
  const library = await aScannedLibrary()
  const { result, messages } = await build(library)
  for (const path of [concert, octave]) {
    expect(tagsOf(library, path)).toMatchObject({ artist: 'The Sine Waves', genre: 'Electronic', date: '1984' })
  }
  expect(collectionsIn(library)).toEqual({
    'artist The Sine Waves': [concert, octave],
    'decade 1980s': [concert, octave],
    'genre Electronic': [concert, octave],
  })
  const collections = { artist: 1, decade: 1, genre: 1, mood: 0 }
  expect(result).toMatchObject({ changed: 3, made: 3, read: 3, failed: 0, collections })
  expect(messages).toEqual(expect.arrayContaining([concert, octave]))
})

test('changes nothing the second time, reads no file again, and says so', async () => {
  const library = await aScannedLibrary()
  await build(library)
  const { result } = await build(library)
  expect(result).toMatchObject({ changed: 0, unchanged: 3, read: 0 })
  expect(result.summary).toMatch(/^0 changed/)
})

test('reads the tags of every format as another tool does', async () => {
  const library = await aLibrary()
  const tags = { title: 'A Title', artist: 'Björk Élan €', album_artist: 'The Choir', genre: 'Pop', date: '1993' }
  const paths = ['mp3', 'flac', 'm4a', 'ogg', 'opus', 'wav', 'wma', 'tta'].map((format) => `song.${format}`)
  for (const path of paths) makeSong(library, path, tags)
  makeSong(library, 'song.aac', tags) // This format has no room for tags.
  expect(await scanAndBuild(library)).toMatchObject({ read: 9, failed: 0 })
  for (const path of paths) {
    const { artist, album_artist, genre, date } = tagsOf(library, path)
    expect(tagsReadIn(library, path)).toMatchObject({ artists: [artist], genres: [genre] })
    expect(tagsReadIn(library, path).albumArtists).toEqual(album_artist === undefined ? [] : [album_artist])
    expect(tagsReadIn(library, path).dates).toContain(date)
  }
  const inOrder = [...paths].sort()
  expect(collectionsIn(library)).toEqual({
    'artist Björk Élan €': inOrder,
    'artist The Choir': inOrder.filter((path) => path !== 'song.wav'),
    'decade 1990s': inOrder,
    'genre Pop': inOrder,
  })
})

test("reads the tags of Monkey's Audio", async () => {
  const library = await aLibrary()
  const tags = { Artist: 'Björk', 'Album Artist': 'The Choir', Genre: 'Pop', Mood: 'Calm', Year: '1993' }
  makeApe(library, 'song.ape', tags)
  expect(await scanAndBuild(library)).toMatchObject({ read: 1, failed: 0 })
  const { artist, album_artist, 'album artist': albumArtist = album_artist, genre, mood } = tagsOf(library, 'song.ape')
  expect([artist, albumArtist, genre, mood]).toEqual(['Björk', 'The Choir', 'Pop', 'Calm'])
  expect(tagsReadIn(library, 'song.ape')).toEqual({
    artists: ['Björk'],
    albumArtists: ['The Choir'],
    genres: ['Pop'],
    moods: ['Calm'],
    dates: expect.arrayContaining(['1993']),
  })
})

test('AC/DC stay together, also where ID3 says otherwise; numbers of ID3 become names', async () => {
  const library = await aLibrary()
  makeSong(library, 'old.mp3', { artist: 'AC/DC', genre: '(17)' }, ['-id3v2_version', '3'])
  makeSong(library, 'new.mp3', { artist: 'AC/DC', genre: 'Rock; Blues' }, ['-id3v2_version', '4'])
  makeSong(library, 'refined.mp3', { artist: 'Somebody', genre: '(4)Eurodisco' }, ['-id3v2_version', '3'])
  const oldest = makeSong(library, 'oldest.mp3', {}, ['-id3v2_version', '0', '-bitexact'])
  const tail = Buffer.alloc(128)
  for (const [text, at] of [
    ['TAG', 0],
    ['AC/DC', 33],
    ['1979', 93],
    ['\x11', 127],
  ] as const)
    tail.write(text, at)
  writeFileSync(oldest, Buffer.concat([readFileSync(oldest), tail]))
  await scanAndBuild(library)
  expect(collectionsIn(library)).toEqual({
    'artist AC/DC': ['new.mp3', 'old.mp3', 'oldest.mp3'],
    'genre Rock': ['new.mp3', 'old.mp3', 'oldest.mp3'],
  })
  expect(tagsOf(library, 'oldest.mp3')).toMatchObject({ artist: 'AC/DC', genre: 'Rock', date: '1979' })
  expect(tagsReadIn(library, 'oldest.mp3').dates).toEqual(['1979'])
  expect(tagsReadIn(library, 'refined.mp3').genres).toEqual(['Disco', 'Eurodisco'])
})

test('several artists that stand apart in an old tag without a doubt stay apart', async () => {
  const library = await aLibrary()
  putId3(makeSong(library, 'two.mp3', {}, ['-id3v2_version', '0']), [['TPE1', id3Text('One\0Two')]])
  await scanAndBuild(library)
  expect(tagsReadIn(library, 'two.mp3').artists).toEqual(['One', 'Two'])
})

test('moods are found in every kind of tag that has them', async () => {
  const library = await aLibrary()
  for (const format of ['flac', 'ogg', 'mp3', 'wma']) makeSong(library, `a.${format}`, { mood: 'Calm' })
  putId3(makeSong(library, 'b.mp3', {}, ['-id3v2_version', '0']), [['TXXX', id3Text('MOOD\0calm')]])
  await scanAndBuild(library)
  expect(collectionsIn(library)).toEqual({ 'mood Calm': ['a.flac', 'a.mp3', 'a.ogg', 'a.wma', 'b.mp3'] })
})

test('goes by what a file is and not by its name', async () => {
  const library = await aLibrary()
  for (const [made, path] of [
    ['a.flac', 'b.mp3'],
    ['c.m4a', 'd.flac'],
  ] as const) {
    copyFileSync(makeSong(library, made, { genre: 'Pop' }), join(library.folders.media, path))
  }
  expect(await scanAndBuild(library)).toMatchObject({ read: 4, failed: 0 })
  expect(collectionsIn(library)).toEqual({ 'genre Pop': ['a.flac', 'b.mp3', 'c.m4a', 'd.flac'] })
})

test('the commonest spelling is the title', async () => {
  const library = await aLibrary()
  for (const [at, genre] of ['hip hop', 'Hip Hop', 'Hip Hop', 'HIP HOP'].entries()) {
    makeSong(library, `${at}.flac`, { genre })
  }
  await scanAndBuild(library)
  expect(Object.keys(collectionsIn(library))).toEqual(['genre Hip Hop'])
})

test('follows what is tagged anew, what is new, and what has left', async () => {
  const library = await aLibrary()
  for (const name of ['a', 'b', 'c']) makeSong(library, `${name}.flac`, { genre: 'Pop' })
  await scanAndBuild(library)
  makeSong(library, 'c.flac', { genre: 'Jazz and more' })
  makeSong(library, 'd.flac', { genre: 'Jazz and more' })
  const counts = { changed: 2, made: 1, updated: 1, removed: 0, read: 2 }
  expect(await scanAndBuild(library)).toMatchObject(counts)
  expect(collectionsIn(library)).toEqual({
    'genre Pop': ['a.flac', 'b.flac'],
    'genre Jazz and more': ['c.flac', 'd.flac'],
  })

  // It leaves its collections together with the library, and one piece is no collection.
  rmSync(join(library.folders.media, 'a.flac'))
  await runTask(refreshLibraries(library))
  expect(collectionsIn(library)['genre Pop']).toEqual(['b.flac'])
  expect((await build(library)).result).toMatchObject({ changed: 1, removed: 1, unchanged: 1 })
  expect(Object.keys(collectionsIn(library))).toEqual(['genre Jazz and more'])
})

test('names that SQL or a shell would trip over are names like any other', async () => {
  const library = await aLibrary()
  const artist = `Robert'); DROP TABLE collection; -- "quoted" 🎸 $(id)`
  const paths = [`it's "a".flac`, 'two\nlines.flac']
  for (const path of paths) makeSong(library, path, { artist: `${artist}\nand more` })
  await scanAndBuild(library)
  // What follows a semicolon is another name.
  const [first = ''] = artist.split(';')
  expect(collectionsIn(library)).toMatchObject({ [`artist ${first}`]: paths })
})

test('all collections change in one step, or none does', async () => {
  const library = await aScannedLibrary()
  const { database } = library
  const refuse = `CREATE TRIGGER refuse BEFORE INSERT ON collection WHEN new.kind = 'genre' BEGIN SELECT raise(ABORT, 'no'); END`
  await database.write(new AbortController().signal, (run) => run(refuse))
  await expect(build(library)).rejects.toThrow('no')
  expect(collectionsIn(library)).toEqual({})
  await database.write(new AbortController().signal, (run) => run('DROP TRIGGER refuse'))
  expect((await build(library)).result).toMatchObject({ made: 3, read: 0 })
})

test('a file whose tags are damaged is counted and named, and the rest goes on', async () => {
  const library = await aLibrary()
  for (const name of ['a', 'b']) makeSong(library, `${name}.flac`, { genre: 'Pop' })
  const damaged = makeSong(library, 'damaged.flac', { genre: 'Pop' })
  const content = readFileSync(damaged)
  // The length of the tag, which the library of tags believes, and other programs do not.
  content.writeUInt32LE(0x7fffffff, content.indexOf('genre=Pop', 0, 'latin1') - 4)
  writeFileSync(damaged, content)
  putId3(makeSong(library, 'short.mp3', { genre: 'Pop' }, ['-id3v2_version', '0']), [
    ['TCON', id3Text('Pop')],
    ['T', id3Text('')],
  ])
  const result = await scanAndBuild(library)
  expect(collectionsIn(library)).toEqual({ 'genre Pop': ['a.flac', 'b.flac', 'short.mp3'] })
  const reason = expect.stringMatching(/^its tags cannot be read: /)
  expect(result.problems).toEqual([{ item: 'damaged.flac', reason }])
})

test('an AIFF with a tag of another format behind it is read by ffprobe', async () => {
  const library = await aLibrary()
  for (const name of ['a', 'b']) {
    const file = makeSong(library, `${name}.aiff`, { genre: 'Pop' }, ['-write_id3v2', '1'])
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('TAG'.padEnd(128, '\0'))]))
  }
  expect(await scanAndBuild(library)).toMatchObject({ read: 2, failed: 0 })
  expect(collectionsIn(library)).toEqual({ 'genre Pop': ['a.aiff', 'b.aiff'] })
})

test('a file whose tags take longer than a minute is counted and named, and the rest goes on', async () => {
  const library = await aLibrary()
  const { workers } = library
  for (const name of ['a', 'b', 'endless']) makeSong(library, `${name}.flac`, { genre: 'Pop' })
  const run = workers.run.bind(workers)
  // What threads do with a job that is not done in time has a test of its own.
  jest.spyOn(workers, 'run').mockImplementation(async (job, input, signal, options) => {
    if (String(input).endsWith('endless.flac'))
      throw new Error(`took longer than ${Number(options?.longestMs) / 1_000} seconds`)
    return run(job, input, signal, options)
  })
  const result = await scanAndBuild(library)
  expect(result.problems).toEqual([{ item: 'endless.flac', reason: 'took longer than 60 seconds' }])
  expect(collectionsIn(library)).toEqual({ 'genre Pop': ['a.flac', 'b.flac'] })
})

test('pictures and tags of many megabytes are passed over, and little of them is kept', async () => {
  const library = await aLibrary()
  const picture = Buffer.concat([Buffer.from('\0image/png\0\x03\0'), Buffer.alloc(20_000_000, 1)])
  const long = id3Text(`${'Pop;'.repeat(2_000_000)}`)
  const frames: [string, Buffer][] = [
    ['APIC', picture],
    ['TCON', long],
    ['TPE1', id3Text('Somebody')],
  ]
  putId3(makeSong(library, 'large.mp3', {}, ['-id3v2_version', '0']), frames)
  expect(await scanAndBuild(library)).toMatchObject({ read: 1, failed: 0 })
  expect(tagsReadIn(library, 'large.mp3').artists).toEqual(['Somebody'])
  const [kept] = library.database.all<{ length: number }>('SELECT length(found) AS length FROM finding')
  expect(kept?.length).toBeLessThan(1_000)
})

test('tags that the library for tags does not find are those that ffprobe finds', async () => {
  const library = await aLibrary()
  const tags = { artist: 'Somebody', genre: 'Pop; Jazz', mood: 'Calm', date: '1993-07-05', album_artist: 'Them' }
  makeSong(library, 'flac in ogg.oga', tags, ['-c:a', 'flac'])
  expect(await scanAndBuild(library)).toMatchObject({ read: 1, failed: 0 })
  expect(tagsReadIn(library, 'flac in ogg.oga')).toEqual({
    artists: ['Somebody'],
    albumArtists: ['Them'],
    genres: ['Pop; Jazz'],
    moods: ['Calm'],
    dates: ['1993-07-05'],
  })
})

test('a format that the library for tags does not know is no problem', async () => {
  const library = await aLibrary()
  makeSong(library, 'plain.ac3', {})
  expect(await scanAndBuild(library)).toMatchObject({ read: 1, failed: 0 })
  makeSong(library, 'dated.mka', { artist: 'Somebody', date: '1993' }, ['-c:a', 'flac'])
  expect(await scanAndBuild(library)).toMatchObject({ read: 1, failed: 0 })
  expect(tagsReadIn(library, 'dated.mka')).toMatchObject({ artists: ['Somebody'], dates: ['1993'] })
})

test('a stop keeps what was read, and the next run goes on from there', async () => {
  const library = await aScannedLibrary()
  const stop = new AbortController()
  const onProgress = (message: string) => {
    if (message === octave) stop.abort(new Error('stop'))
  }
  await expect(build(library, { signal: stop.signal, onProgress })).rejects.toThrow('stop')
  expect(collectionsIn(library)).toEqual({})
  const { result } = await build(library)
  expect(result.read).toBeLessThan(3)
  expect(result).toMatchObject({ read: result.read, unchanged: 0, made: 3 })
})

test('a piece that leaves the library while collections are compared is in none of them', async () => {
  const library = await aScannedLibrary()
  const { database } = library
  const all = database.all.bind(database)
  // The last moment before the new collections are compared with those that there are.
  jest.spyOn(database, 'all').mockImplementation((sql, ...values) => {
    if (sql.includes('FROM collection')) all('DELETE FROM item WHERE path = ?', octave)
    return all(sql, ...values)
  })
  await build(library)
  const found = collectionsIn(library)
  expect(Object.keys(found)).toContain('genre Electronic')
  expect(Object.values(found).flat()).not.toContain(octave)
})

test('the server answers while the collections change, and a stop then changes none of them', async () => {
  const library = await aScannedLibrary()
  const { database } = library
  // As if there were far more of them.
  await database.write(new AbortController().signal, (run) =>
    run(`CREATE TRIGGER slow BEFORE INSERT ON collection BEGIN
           SELECT count(*) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000000) SELECT i FROM n);
         END`),
  )
  const stop = new AbortController()
  const building = build(library, { signal: stop.signal })
  await until(() => isBeingWritten(database), building)
  stop.abort(new Error('stop'))
  await expect(building).rejects.toThrow('stop')
  expect(collectionsIn(library)).toEqual({})
})

test('a genre that is cut short in the middle of an emoji is the same collection the next time', async () => {
  const library = await aLibrary()
  const genre = `${'aaaa;'.repeat(99)}bb${'😀'.repeat(9)}`
  const frame = Buffer.concat([Buffer.from([1, 0xff, 0xfe]), Buffer.from(genre, 'utf16le')])
  for (const path of ['one.mp3', 'two.mp3'])
    putId3(makeSong(library, path, {}, ['-map_metadata', '-1']), [['TCON', frame]])
  expect(await scanAndBuild(library)).toMatchObject({ made: 2, failed: 0 })
  expect((await build(library)).result).toMatchObject({ changed: 0, unchanged: 2 })
})
