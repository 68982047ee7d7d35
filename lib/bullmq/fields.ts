import type { SettingsChange } from '../engine/settings'

/** The field of the book that is another one after every change. */
export const VERSION = 'changed:'

/** The field that is another one after changes that no event tells in full: a plan, or settings. */
export const EDITION = 'edition:'

/** The field that is another one each time that the window has been moved. */
export const MOVED = 'moved:'

export const pageField = (task: string) => `task:${task}`

export const stopField = (runId: string) => `stop:${runId}`

/** Each setting is a field of its own, so two changes at once become one. */
export function settingFields({ window = {}, enabled = {} }: SettingsChange): Record<string, string> {
  return Object.fromEntries([...fieldsOf('window', window), ...fieldsOf('enabled', enabled)])
}

/** What operators changed, as all fields together say it. */
export function settingsOf(fields: Iterable<readonly [field: string, text: string | null]>): SettingsChange {
  const change: Required<SettingsChange> = { window: {}, enabled: {} }
  for (const [field, text] of fields) {
    const [kind, name] = partsOf(field)
    if (text !== null && (kind === 'window' || kind === 'enabled'))
      Object.assign(change[kind], { [name]: JSON.parse(text) })
  }
  return Object.fromEntries(Object.entries(change).filter(([, values]) => Object.keys(values).length > 0))
}

/** `task:Mail` → `['task', 'Mail']`. */
export function partsOf(field: string): [kind: string, name: string] {
  const colon = field.indexOf(':')
  return [field.slice(0, colon), field.slice(colon + 1)]
}

function fieldsOf(kind: string, values: object): [string, string][] {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.map(([name, value]) => [`${kind}:${name}`, JSON.stringify(value)])
}
