import { basename, extname } from 'node:path'
import type { Kind } from '../media/kind'
import { artistOf } from '../media/membership'
import { type Probe, probeVersion } from '../media/probe'
import type { MediaFile } from '../media/walk'
import { bundleOf } from './bundles'
import type { LibraryDatabase } from './database'
import { runLongTransaction, type Step } from './long-transaction'

/** One film, piece of music or photo. */
export interface Item extends MediaFile {
  id: number
  title: string
  durationS: number | null
  /** As ffprobe calls it. */
  container: string | null
  /** Of the code that probed it last. */
  probeVersion: number
  /** Why it cannot be used; `null` when it can. */
  problem: string | null
}

const columns =
  'id, path, kind, size, mtime_ms AS mtimeMs, title, duration_s AS durationS, container, probe_version AS probeVersion, problem'

export function findItem(database: LibraryDatabase, path: string): Item | undefined {
  return database.get<Item>(`SELECT ${columns} FROM item WHERE path = ?`, path)
}

export function hasItems(database: LibraryDatabase): boolean {
  return database.get('SELECT 1 FROM item LIMIT 1') !== undefined
}

/** All items, some at a time: the server answers in between. Items that go meanwhile do no harm. */
export function eachItem(database: LibraryDatabase): AsyncGenerator<Item> {
  const sql = `SELECT ${columns} FROM item WHERE id > ? ORDER BY id LIMIT 500`
  return database.each<Item>({ sql, keyOf: ({ id }) => [id], first: [0] })
}

/** All items of some kinds that can be used. */
export async function itemsOf(database: LibraryDatabase, kinds: readonly Kind[]): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of eachItem(database)) {
    if (kinds.includes(item.kind) && item.problem === null) items.push(item)
  }
  return items
}

/** Sorts behind all that may follow a name. */
const LAST = '\u{10ffff}'

/** The music of one artist that can be used, with guests or without, by path. */
export function musicBy(database: LibraryDatabase, artist: string): Item[] {
  const sql = `SELECT ${columns}, artist FROM item
               WHERE artist >= ? AND artist < ? AND kind = 'music' AND problem IS NULL ORDER BY path`
  const beginning = database.all<Item & { artist: string }>(sql, artist, artist + LAST)
  return beginning.filter((item) => artistOf(item.artist) === artist)
}

/** Puts an item into the library, or what is new of it. It has not left, whatever was noted. */
export async function saveItem(
  database: LibraryDatabase,
  signal: AbortSignal,
  file: MediaFile,
  found: Probe | { problem: string },
): Promise<void> {
  const { path, kind, size, mtimeMs } = file
  const probe = 'problem' in found ? undefined : found
  const title = probe?.title ?? basename(path, extname(path))
  const problem = 'problem' in found ? found.problem : null
  const values = [
    path,
    kind,
    size,
    mtimeMs,
    title,
    problem,
    probeVersion,
    ...probedColumns.map(([, of]) => probe?.[of] ?? null),
  ]
  await database.write(signal, (run) => {
    run(upsert, ...values)
    run('DELETE FROM item_search WHERE rowid = (SELECT id FROM item WHERE path = ?)', path)
    run(
      'INSERT INTO item_search (rowid, title, artist, album, path) SELECT id, title, artist, album, path FROM item WHERE path = ?',
      path,
    )
    run('DELETE FROM departure WHERE bundle = ?', bundleOf(path))
  })
}

/** What the probe found, and where it is kept. */
const probedColumns = [
  ['artist', 'artist'],
  ['album', 'album'],
  ['duration_s', 'durationS'],
  ['width', 'width'],
  ['height', 'height'],
  ['container', 'container'],
  ['video_codec', 'videoCodec'],
  ['audio_codec', 'audioCodec'],
  ['bit_rate', 'bitRate'],
  ['frame_rate', 'frameRate'],
  ['channels', 'channels'],
  ['chapters', 'chapters'],
] as const satisfies (readonly [string, keyof Probe])[]

const savedColumns = [
  'path',
  'kind',
  'size',
  'mtime_ms',
  'title',
  'problem',
  'probe_version',
  ...probedColumns.map(([column]) => column),
]

const upsert = `
  INSERT INTO item (${savedColumns.join(', ')}) VALUES (${savedColumns.map(() => '?').join(', ')})
  ON CONFLICT (path) DO UPDATE SET ${savedColumns.map((column) => `${column} = excluded.${column}`).join(', ')}`

/**
 * Takes items out of the library, all or none, and notes since when their bundles have nobody. In a process of its own: what each
 * leaves behind in the full-text index takes long to put in order.
 */
export async function removeItems(
  database: LibraryDatabase,
  signal: AbortSignal,
  items: Iterable<Pick<Item, 'id' | 'path'>>,
  now: Date,
): Promise<void> {
  await runLongTransaction(signal, database.file, removals(items, now.getTime()))
}

function* removals(items: Iterable<Pick<Item, 'id' | 'path'>>, now: number): Generator<Step> {
  const depart = 'INSERT OR REPLACE INTO departure (bundle, path, left_at) VALUES (?, ?, ?)'
  for (const { id, path } of items) {
    yield ['DELETE FROM item_search WHERE rowid = ?', id]
    yield ['DELETE FROM item WHERE id = ?', id]
    yield [depart, bundleOf(path), path, now]
  }
}
