import type { Settings, SettingsChange } from 'express-butler'
import createError from 'http-errors'
import { type HourSetting, hourOf, hourSettings, taskOfSetting } from './settings'

/** A query as Express parses it. */
export type Query = Readonly<Record<string, unknown>>

const switchWords: Readonly<Record<string, boolean>> = { 1: true, 0: false, true: true, false: false }

/**
 * What a query such as `ButlerStartHour=1&ButlerTaskBackupDatabase=0` changes. An hour becomes the full hour, unless it is the hour
 * that holds: then its minutes stay, so that a client which sends all settings back moves nothing. Throws a 400 for the first
 * thing that is no setting or no value, and then nothing may be changed.
 */
export function changeFor<Name extends string>(query: Query, now: Settings<Name>): SettingsChange<Name> {
  const given = Object.entries(query).filter(([id]) => !isAboutClient(id))
  if (given.length === 0) {
    throw refusal('The query names no setting; expected one or more, such as /:/prefs?ButlerStartHour=1.')
  }
  const change = { window: {} as Record<string, string>, enabled: {} as Partial<Record<Name, boolean>> }
  for (const [id, value] of given) {
    const task = taskOfSetting(id, now)
    if (isHourSetting(id)) {
      const hour = readHour(id, value)
      const time = now.window[hourSettings[id]]
      change.window[hourSettings[id]] = hour === hourOf(time) ? time : `${String(hour).padStart(2, '0')}:00`
    } else if (task !== undefined) {
      change.enabled[task] = readSwitch(id, value)
    } else throw refusal(`The setting ${shown(id)} is unknown; GET /:/prefs lists those that there are.`)
  }
  return change
}

/** Tokens and the like travel in the query, too. */
function isAboutClient(id: string): boolean {
  return /^x-plex-/i.test(id)
}

function isHourSetting(id: string): id is HourSetting {
  return Object.hasOwn(hourSettings, id)
}

function readHour(id: string, value: unknown): number {
  const hour = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : 24
  if (hour > 23) throw refusal(`${id} is ${shown(value)}; expected a whole hour from 0 to 23.`)
  return hour
}

function readSwitch(id: string, value: unknown): boolean {
  const word = typeof value === 'string' && Object.hasOwn(switchWords, value) ? switchWords[value] : undefined
  if (word === undefined) throw refusal(`${id} is ${shown(value)}; expected 1, 0, true or false.`)
  return word
}

function refusal(message: string) {
  return createError(400, message)
}

/** Long nonsense is cut short. */
function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
