import type { MaintenanceWindow } from '../../lib/engine/window'

/** A window that does not open while tests run, whatever the time is: in a zone where it is midnight or so now, at noon. */
export function closedWindow(): MaintenanceWindow {
  const hours = new Date().getUTCHours()
  const timeZone = hours <= 12 ? `Etc/GMT+${hours}` : `Etc/GMT-${24 - hours}`
  return { opensAt: '12:00', closesAt: '12:01', timeZone }
}
