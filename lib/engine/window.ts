import type { Instant } from './clock'

/** The hours of the night in which tasks run by themselves. */
export interface MaintenanceWindow {
  /** Local time at which it opens, `HH:MM`. Default: `02:00`. */
  opensAt: string
  /** Local time at which it closes, `HH:MM`; on the next date when not after `opensAt`; equal means 24 hours. Default: `05:00`. */
  closesAt: string
  /** IANA time zone. Default: the server's. */
  timeZone: string
}

/** One window as two instants, named by the local date on which it opens. */
export interface Night {
  date: string
  opensAt: Instant
  closesAt: Instant
}
