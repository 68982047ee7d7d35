import type { Cancel, Clock, Instant } from './clock'
import { DAY_MS, daysBetween } from './date'
import type { Calendar, Night } from './window'

/** Called once for each night, in order. */
interface NightWatcher {
  opened(night: Night): void
  closed(night: Night): void
}

const HOUR_MS = 3_600_000

/**
 * Tells when the window opens and closes: each night once, late rather than never, and a night that passed unseen not at all.
 * It looks again every hour whatever happens, so that a wall clock that was stepped, in either direction, misleads it no longer.
 */
export class NightWatch {
  readonly #clock: Clock
  readonly #watcher: NightWatcher
  #calendar: Calendar
  #night: Night | null = null
  #lastDate: string | null = null
  #cancels: Cancel[] = []

  constructor(calendar: Calendar, clock: Clock, watcher: NightWatcher) {
    this.#calendar = calendar
    this.#clock = clock
    this.#watcher = watcher
  }

  /** The night that is open, as far as it was told. */
  get night(): Night | null {
    return this.#night
  }

  /** Looks now, and from now on whenever there is something to see. */
  look(): void {
    this.stop()
    const now = this.#clock.now()
    if (this.#night && hasPassed(this.#night, now)) this.#close(this.#night)
    const night = this.#night ? null : this.#calendar.nightAt(now)
    if (night && !this.#wasTold(night)) this.#open(night)
    const next = this.#night?.closesAt ?? this.#calendar.nextNight(now).opensAt
    this.#cancels = [this.#clock.callAt(next, () => this.look()), this.#clock.callAfter(HOUR_MS, () => this.look())]
  }

  /** The window has been moved: the night begins anew if it is open now, and is over if it is not. */
  move(calendar: Calendar): void {
    this.#calendar = calendar
    if (this.#night && !calendar.nightAt(this.#clock.now())) this.#close(this.#night)
    this.#night = null
    this.#lastDate = null
    this.look()
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels = []
  }

  #open(night: Night): void {
    this.#night = night
    this.#lastDate = night.date
    this.#watcher.opened(night)
  }

  #close(night: Night): void {
    this.#night = null
    this.#watcher.closed(night)
  }

  /** A clock that went back shows the same night twice. One that was a day or more ahead was wrong, and what it saw does not count. */
  #wasTold(night: Night): boolean {
    if (this.#lastDate === null) return false
    const daysAhead = daysBetween(night.date, this.#lastDate)
    return daysAhead === 0 || daysAhead === 1
  }
}

/** Also when the clock stands far before it: then it was a wrong clock that opened it. */
function hasPassed(night: Night, now: Instant): boolean {
  return now >= night.closesAt || now < night.opensAt - DAY_MS
}
