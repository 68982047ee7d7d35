import { readdir } from 'node:fs/promises'
import type { TaskFunction } from 'express-butler'
import { deleteQuarantined, quarantineBundle, reclaimBundle } from '../library/bundles'
import { type BundleState, bundleStates, forgetAllBut, forgetDeparture, noteDeparture } from '../library/departures'
import type { Library } from '../library/library'
import { conclude, workThrough } from './work-list'

const DAY_MS = 24 * 60 * 60 * 1_000
/** How long a bundle waits for its item to come back: an unplugged disk is not a decision. */
const GRACE_MS = 14 * DAY_MS
/** How long it then lies in quarantine, from where it comes back unharmed together with its item. */
const QUARANTINE_MS = 7 * DAY_MS
/** The largest share of all bundles that may go in one run. More looks like a mistake. */
const LARGEST_SHARE = 0.5

export type Step = 'keep' | 'note' | 'quarantine' | 'delete' | 'reclaim'

/** What becomes of a bundle: grace, quarantine, the end. Its clock starts when it is first seen without its item. */
export function stepFor({ hasItem, isQuarantined, leftAt, quarantinedAt }: BundleState, now: number): Step {
  if (hasItem) return isQuarantined ? 'reclaim' : 'keep'
  if (leftAt === null) return 'note'
  if (!isQuarantined) return now - leftAt >= GRACE_MS ? 'quarantine' : 'keep'
  if (quarantinedAt === null) return 'note'
  return now - quarantinedAt >= QUARANTINE_MS ? 'delete' : 'keep'
}

/**
 * Removes the bundles of items that left the library long enough ago, by way of a quarantine. Refuses when the media look unmounted,
 * or when more than half of all bundles would go: then something else is wrong.
 */
export function cleanOldBundles(library: Library): TaskFunction {
  return async (context) => {
    await expectMedia(library)
    const now = library.now().getTime()
    const states = await bundleStates(library)
    expectFew(states, now, library)
    const counts: Record<Step, number> = { keep: 0, note: 0, quarantine: 0, delete: 0, reclaim: 0 }
    const report = await workThrough(context, states, {
      nameOf: ({ path, bundle }) => path ?? bundle,
      work: async (state) => {
        const step = stepFor(state, now)
        await act[step](library, state, now, context.signal)
        counts[step] += 1
        return step !== 'keep'
      },
    })
    await forgetAllBut(states, library, context.signal)
    const { note: noted, quarantine: quarantined, delete: deleted, reclaim: reclaimed } = counts
    const inUse = states.filter((state) => state.hasItem && stepFor(state, now) === 'keep').length
    const did = `${noted} newly without media, ${quarantined} put into quarantine, ${deleted} deleted, ${reclaimed} back from quarantine`
    const kept = `${inUse} belong to media, ${report.unchanged - inUse} wait until their time is over`
    const summary = `${report.changed} changed: ${did}; ${report.unchanged} kept: ${kept}; ${report.failed} failed`
    return conclude(context, summary, { ...report, noted, quarantined, deleted, reclaimed, inUse })
  }
}

/** A media folder that is missing or empty has not lost its media, but its disk. */
async function expectMedia({ folders }: Library): Promise<void> {
  const names = await readdir(folders.media).catch(() => [])
  if (names.length > 0) return
  throw new Error(`${folders.media} is missing or empty; is its disk mounted? No bundle was touched.`)
}

function expectFew(bundles: readonly BundleState[], now: number, { folders }: Library): void {
  const leaving = bundles.filter((state) => stepFor(state, now) === 'quarantine').length
  if (leaving <= bundles.length * LARGEST_SHARE) return
  const wayOut = `Scan the libraries again; if that many items are really gone, delete their bundles from ${folders.metadata}.`
  throw new Error(`${leaving} of ${bundles.length} bundles would go, more than half, so none was touched. ${wayOut}`)
}

type Act = (library: Library, state: BundleState, now: number, signal: AbortSignal) => Promise<void>

/** Each is safe to kill in the middle: the next run finds the bundle where it is and goes on. */
const act: Record<Step, Act> = {
  async keep() {},

  async note({ database }, { bundle, path, leftAt, isQuarantined }, now, signal) {
    await noteDeparture(database, signal, {
      bundle,
      path,
      leftAt: leftAt ?? now,
      quarantinedAt: isQuarantined ? now : null,
    })
  },

  async quarantine({ folders, database }, { bundle, path, leftAt }, now, signal) {
    await quarantineBundle(folders, bundle)
    await noteDeparture(database, signal, { bundle, path, leftAt: leftAt ?? now, quarantinedAt: now })
  },

  async delete({ folders, database }, { bundle }, _now, signal) {
    await deleteQuarantined(folders, bundle)
    await forgetDeparture(database, signal, bundle)
  },

  async reclaim({ folders, database }, { bundle }, _now, signal) {
    await reclaimBundle(folders, bundle)
    await forgetDeparture(database, signal, bundle)
  },
}
