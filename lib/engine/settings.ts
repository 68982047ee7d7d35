import { ButlerError, shown } from '../errors'
import { checkMembers, expectThat } from '../options'
import type { TaskFacts } from './task'
import { type MaintenanceWindow, windowOf } from './window'

/** What an operator may change while the Butler runs. */
export interface Settings<Name extends string = string> {
  window: MaintenanceWindow
  enabled: Record<Name, boolean>
}

/** A change of settings; what is left out stays as it is. */
export interface SettingsChange<Name extends string = string> {
  window?: Partial<MaintenanceWindow>
  enabled?: Partial<Record<Name, boolean>>
}

/** What holds: the host's options, changed by what operators said. */
export function settingsOf(
  tasks: ReadonlyMap<string, TaskFacts>,
  window: MaintenanceWindow,
  changed: SettingsChange,
): Settings {
  const enabled = Object.fromEntries(
    [...tasks.values()].map(({ name, enabled }) => [name, changed.enabled?.[name] ?? enabled]),
  )
  return { window: windowOf(onto(window, changed.window)), enabled }
}

/** Whether two settings have the same nights. */
export function isSameWindow({ window: one }: Settings, { window: other }: Settings): boolean {
  return one.opensAt === other.opensAt && one.closesAt === other.closesAt && one.timeZone === other.timeZone
}

/** Whether after a change the nights are others than now. */
export function movesWindow({ window }: SettingsChange, now: Settings): boolean {
  return !isSameWindow(now, { ...now, window: windowOf(onto(now.window, window)) })
}

/** Two changes as one; the later wins. */
export function mergeChanges(earlier: SettingsChange, later: SettingsChange): SettingsChange {
  return {
    ...((earlier.window || later.window) && { window: onto(earlier.window, later.window) }),
    ...((earlier.enabled || later.enabled) && { enabled: { ...earlier.enabled, ...later.enabled } }),
  }
}

/** A window after a change of it. A member that is there but `undefined` is left out, too: it would reset to the package's default. */
function onto(
  window: Partial<MaintenanceWindow> = {},
  change: Partial<MaintenanceWindow> = {},
): Partial<MaintenanceWindow> {
  return { ...window, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) }
}

/** What an operator asks for, as it is now. Throws `BUTLER_INVALID_SETTINGS` for what cannot be copied: functions, or a thousand objects in each other. */
export function copyOf(change: SettingsChange): SettingsChange {
  try {
    return structuredClone(change)
  } catch {
    throw new ButlerError(
      'BUTLER_INVALID_SETTINGS',
      `configure(change) is ${shown(change)}; expected an object of texts, true and false.`,
    )
  }
}

/**
 * Checks what an operator asks for before any of it is stored. Throws `BUTLER_INVALID_SETTINGS` for an unknown key, task or kind
 * of value, and `BUTLER_INVALID_WINDOW` for a window that no night can be computed from.
 */
export function checkChange(change: SettingsChange, settings: Settings): void {
  const subject = 'configure(change)'
  checkMembers(subject, change, ['window', 'enabled'], 'BUTLER_INVALID_SETTINGS')
  if (change.window !== undefined) {
    checkMembers(`${subject}.window`, change.window, ['opensAt', 'closesAt', 'timeZone'], 'BUTLER_INVALID_WINDOW')
    windowOf(onto(settings.window, change.window))
  }
  if (change.enabled !== undefined) checkEnabled(`${subject}.enabled`, change.enabled, Object.keys(settings.enabled))
}

function checkEnabled(subject: string, enabled: unknown, names: readonly string[]): void {
  checkMembers(subject, enabled, names, 'BUTLER_INVALID_SETTINGS')
  for (const [name, value] of Object.entries(enabled as object)) {
    expectThat(typeof value === 'boolean', `${subject}.${name}`, value, 'true or false', 'BUTLER_INVALID_SETTINGS')
  }
}
