import type { Store, StoreContext } from '../../lib/engine/store'
import { type FakeClock, fakeClock } from '../../lib/testing/fake-clock'
import { recorder } from './butler'

const opened: Store[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

/** A store that is closed after the test, whatever becomes of it. */
export function closing<Kind extends Store>(store: Kind): Kind {
  opened.push(store)
  return store
}

/** What a Butler hands to its store: a clock that stands still, and a logger that keeps its lines. */
export function aContext(
  clock: FakeClock = fakeClock(),
): StoreContext & { clock: FakeClock; logger: { lines: string[] } } {
  return { clock, logger: recorder() }
}
