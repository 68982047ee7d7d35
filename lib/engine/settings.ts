import type { MaintenanceWindow } from './window'

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
