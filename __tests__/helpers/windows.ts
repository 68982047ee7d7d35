import type { MaintenanceWindow } from '../../lib/engine/window'

/** A window that does not open while tests run, whatever the time is: in a zone where it is midnight or so now, at noon. */
export function closedWindow(): MaintenanceWindow {
  return { opensAt: '12:00', closesAt: '12:01', timeZone: zoneAtMidnight() }
}

/** A window that is open while tests run, whatever the time is. */
export function openWindow(): MaintenanceWindow {
  return { opensAt: '21:00', closesAt: '04:00', timeZone: zoneAtMidnight() }
}

/** Where it is between midnight and one now. */
function zoneAtMidnight(): string {
  const hours = new Date().getUTCHours()
  return hours <= 12 ? `Etc/GMT+${hours}` : `Etc/GMT-${24 - hours}`
}
