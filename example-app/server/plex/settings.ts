import type { Settings, TaskStatus, Tree } from 'express-butler'

/** One setting, as clients of a media server know them. */
export interface Setting {
  id: string
  label: string
  summary: string
  type: 'bool' | 'int'
  default: boolean | number
  value: boolean | number
  hidden: boolean
  advanced: boolean
  group: string
  /** The values to choose from, as `0:Midnight|1:1 am|…`. */
  enumValues?: string
}

/** The two hours, and the time of the window that each is about. */
export const hourSettings = { ButlerStartHour: 'opensAt', ButlerEndHour: 'closesAt' } as const

export type HourSetting = keyof typeof hourSettings

const taskSetting = /^ButlerTask(.+)$/

/** The task that a setting switches, if there is such a task. */
export function taskOfSetting<Name extends string>(id: string, { enabled }: Settings<Name>): Name | undefined {
  const name = taskSetting.exec(id)?.[1] ?? ''
  return Object.hasOwn(enabled, name) ? (name as Name) : undefined
}

/** The full hour of a time such as `02:30`. Clients know no minutes. */
export function hourOf(time: string): number {
  return Number(time.slice(0, 2))
}

type Listed = Pick<TaskStatus, 'name' | 'title' | 'description'>

/** All settings of the Butler: what holds, and what would hold if nobody had changed it. */
export function settingsFor(tasks: readonly Listed[], now: Settings, defaults: Settings): Setting[] {
  const common = { hidden: false, advanced: false, group: 'butler' }
  const hours = (Object.keys(hourSettings) as HourSetting[]).map((id) => ({
    ...describeHour(id, now),
    ...common,
    type: 'int' as const,
    default: hourOf(defaults.window[hourSettings[id]]),
    value: hourOf(now.window[hourSettings[id]]),
    enumValues,
  }))
  const switches = tasks.map(({ name, title = name, description = '' }) => ({
    id: `ButlerTask${name}`,
    label: title,
    summary: description,
    ...common,
    type: 'bool' as const,
    default: defaults.enabled[name] === true,
    value: now.enabled[name] === true,
  }))
  return [...hours, ...switches]
}

function describeHour(id: HourSetting, { window: { opensAt, closesAt, timeZone } }: Settings) {
  const does = id === 'ButlerStartHour' ? 'start to run' : 'stop running'
  const window = `The maintenance window is open from ${opensAt} to ${closesAt} (${timeZone}).`
  const minutes = 'Choosing another hour chooses the full hour.'
  return { id, label: `Time at which tasks ${does}`, summary: `The hour at which tasks ${does}. ${window} ${minutes}` }
}

/** Without a colon in the words: some clients split at each. */
const enumValues = Array.from({ length: 24 }, (_, hour) => `${hour}:${wordsFor(hour)}`).join('|')

function wordsFor(hour: number): string {
  if (hour === 0) return 'Midnight'
  if (hour === 12) return 'Noon'
  return hour < 12 ? `${hour} am` : `${hour - 12} pm`
}

export function settingsTree(settings: readonly Setting[]): Tree {
  return { MediaContainer: { size: settings.length, Setting: settings.map((setting) => ({ ...setting })) } }
}
