import { bundleOf, bundlesIn } from './bundles'
import type { LibraryDatabase } from './database'
import { eachItem } from './items'
import type { Library } from './library'

/** A bundle, and what is known of the item it belongs to. Instants in milliseconds since 1970; `null`: not noted. */
export interface BundleState {
  bundle: string
  /** Of the item; `null` when nobody remembers. */
  path: string | null
  hasItem: boolean
  isQuarantined: boolean
  leftAt: number | null
  quarantinedAt: number | null
}

interface Departure {
  bundle: string
  path: string | null
  leftAt: number
  quarantinedAt: number | null
}

/** All bundles that exist, those in quarantine first. */
export async function bundleStates({ folders, database }: Library): Promise<BundleState[]> {
  const living = new Map<string, string>()
  for await (const { path } of eachItem(database)) living.set(bundleOf(path), path)
  const departures = new Map<string, Departure>()
  for await (const departure of eachDeparture(database)) departures.set(departure.bundle, departure)
  const stateOf = (bundle: string, isQuarantined: boolean): BundleState => {
    const { path = null, leftAt = null, quarantinedAt = null } = departures.get(bundle) ?? {}
    return {
      bundle,
      path: living.get(bundle) ?? path,
      hasItem: living.has(bundle),
      isQuarantined,
      leftAt,
      quarantinedAt,
    }
  }
  const states: BundleState[] = []
  for await (const name of bundlesIn(folders.quarantine)) states.push(stateOf(name, true))
  for await (const name of bundlesIn(folders.metadata)) states.push(stateOf(name, false))
  return states
}

function eachDeparture(database: LibraryDatabase): AsyncGenerator<Departure> {
  const sql = `SELECT bundle, path, left_at AS leftAt, quarantined_at AS quarantinedAt FROM departure
               WHERE bundle > ? ORDER BY bundle LIMIT 500`
  return database.each<Departure>({ sql, keyOf: ({ bundle }) => [bundle], first: [''] })
}

/** Notes since when a bundle has been without its item, and in quarantine. */
export async function noteDeparture(
  database: LibraryDatabase,
  signal: AbortSignal,
  departure: Departure,
): Promise<void> {
  const { bundle, path, leftAt, quarantinedAt } = departure
  const sql = 'INSERT OR REPLACE INTO departure (bundle, path, left_at, quarantined_at) VALUES (?, ?, ?, ?)'
  await database.write(signal, (run) => run(sql, bundle, path, leftAt, quarantinedAt))
}

export async function forgetDeparture(database: LibraryDatabase, signal: AbortSignal, bundle: string): Promise<void> {
  await database.write(signal, (run) => run('DELETE FROM departure WHERE bundle = ?', bundle))
}

/** Items that never had a bundle leave a note behind all the same. */
export async function forgetAllBut(states: readonly BundleState[], { database }: Library, signal: AbortSignal) {
  const kept = new Set(states.map(({ bundle }) => bundle))
  for await (const { bundle } of eachDeparture(database)) {
    signal.throwIfAborted()
    if (!kept.has(bundle)) await forgetDeparture(database, signal, bundle)
  }
}
