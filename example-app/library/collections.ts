import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CollectionKind, Membership } from '../media/membership'
import type { LibraryDatabase } from './database'
import { runLongTransaction, type Step } from './long-transaction'

/** A collection as it should be. */
export interface Collection {
  kind: CollectionKind
  key: string
  /** As most of its pieces spell it. */
  title: string
  /** By their ids, in order. */
  items: number[]
}

/** Gathers collections from what each piece belongs to. */
export class CollectionBuilder {
  readonly #found = new Map<string, { membership: Membership; spellings: Map<string, number>; items: number[] }>()

  /** Takes one item. Items come in the order of their ids. */
  add(item: number, memberships: readonly Membership[]): void {
    for (const membership of memberships) {
      const key = `${membership.kind} ${membership.key}`
      const known = this.#found.get(key) ?? { membership, spellings: new Map<string, number>(), items: [] }
      this.#found.set(key, known)
      known.spellings.set(membership.name, (known.spellings.get(membership.name) ?? 0) + 1)
      known.items.push(item)
    }
  }

  /** All that have at least so many items. */
  collections(fewest: number): Collection[] {
    const large = [...this.#found.values()].filter(({ items }) => items.length >= fewest)
    return large.map(({ membership: { kind, key }, spellings, items }) => {
      return { kind, key, title: commonest(spellings), items }
    })
  }
}

/** Of spellings that are equally common the first in order, so that none comes and goes. */
function commonest(spellings: ReadonlyMap<string, number>): string {
  const inOrder = [...spellings].sort(([a, times], [b, others]) => others - times || (a < b ? -1 : 1))
  return inOrder[0]?.[0] ?? ''
}

export interface CollectionChanges {
  made: number
  updated: number
  removed: number
  kept: number
}

interface Kept {
  id: number
  kind: string
  key: string
  title: string
}

/**
 * Replaces the automatic collections by others, all in one transaction: whoever reads sees the old ones or the new ones. Writes only
 * what differs. An item that has left the library meanwhile stays away.
 */
export async function replaceCollections(
  database: LibraryDatabase,
  signal: AbortSignal,
  wanted: readonly Collection[],
): Promise<CollectionChanges> {
  const all = database.all<Kept>('SELECT id, kind, key, title FROM collection')
  const old = new Map(all.map((collection) => [`${collection.kind} ${collection.key}`, collection]))
  const different: Collection[] = []
  let made = 0
  for (const collection of wanted) {
    const name = `${collection.kind} ${collection.key}`
    const known = old.get(name)
    old.delete(name)
    if (!known) made += 1
    if (!known || !isSame(database, known, collection)) different.push(collection)
    await nextTurn()
    signal.throwIfAborted()
  }
  const removed = [...old.values()]
  const updated = different.length - made
  const changes = { made, updated, removed: removed.length, kept: wanted.length - different.length }
  if (different.length + removed.length === 0) return changes
  await runLongTransaction(signal, database.file, stepsFor(removed, different))
  return changes
}

function* stepsFor(removed: readonly Kept[], different: readonly Collection[]): Generator<Step> {
  for (const { id } of removed) yield ['DELETE FROM collection WHERE id = ?', id]
  for (const { kind, key, title, items } of different) {
    yield [upsert, kind, key, title]
    yield [`DELETE FROM collection_item WHERE collection_id = ${idOf}`, kind, key]
    yield [fill, kind, key, JSON.stringify(items)]
  }
}

const idOf = '(SELECT id FROM collection WHERE kind = ? AND key = ?)'
const upsert = `INSERT INTO collection (kind, key, title) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET title = excluded.title`
const fill = `INSERT INTO collection_item (collection_id, item_id)
              SELECT ${idOf}, item.id FROM item WHERE item.id IN (SELECT value FROM json_each(?))`

function isSame(database: LibraryDatabase, { id, title }: Kept, wanted: Collection): boolean {
  // As one text: a genre may hold all the music there is, and rows are dear.
  const sql = 'SELECT json_group_array(item_id ORDER BY item_id) AS items FROM collection_item WHERE collection_id = ?'
  const items = database.get<{ items: string }>(sql, id)?.items
  return title === wanted.title && items === JSON.stringify(wanted.items)
}
