import { isDate } from 'node:util/types'

/** Every code a Butler error can carry, and the HTTP status it becomes: the one map between the two. */
export const statusOf = {
  /** An option of the package is not what was expected. */
  BUTLER_INVALID_OPTIONS: 500,
  /** A maintenance window that no night can be computed from. */
  BUTLER_INVALID_WINDOW: 400,
  /** A change of settings that names an unknown task or key, or has a value of another kind. */
  BUTLER_INVALID_SETTINGS: 400,
  /** A query of the dashboard that cannot be understood. */
  BUTLER_INVALID_QUERY: 400,
  /** A task name that is not among the allowed ones. `unknownTaskStatus: 404` changes the status. */
  BUTLER_UNKNOWN_TASK: 400,
  /** A browser on a page of another origin asked for something that acts. */
  BUTLER_CROSS_SITE: 403,
  /** Who asks may not do this, says the `authorize` of the dashboard. */
  BUTLER_FORBIDDEN: 403,
  /** Stop was asked for a task that neither runs nor waits. */
  BUTLER_NOT_RUNNING: 404,
  /** A run that is not kept, or never was. */
  BUTLER_UNKNOWN_RUN: 404,
  /** A method that the route does not have; `Allow` names those it has. */
  BUTLER_METHOD_NOT_ALLOWED: 405,
  /** The settings are no longer those that a change was made from. */
  BUTLER_SETTINGS_CHANGED: 412,
  /** A change of settings that does not say which ones it was made from. */
  BUTLER_SETTINGS_UNSEEN: 428,
  /** The registry failed in a way it did not explain. */
  BUTLER_REGISTRY_FAILED: 500,
  /** The registry answered something that is no answer. */
  BUTLER_REGISTRY_ANSWER: 500,
  /** An allowed name that nobody implements. */
  BUTLER_TASK_NOT_IMPLEMENTED: 501,
  /** The registry cannot be reached, or did not answer in time. */
  BUTLER_UNAVAILABLE: 503,
  /** A call before `open()` or after `close()`. */
  BUTLER_NOT_OPEN: 503,
  /** The memory could not be written, so nothing was started. */
  BUTLER_STORE_FAILED: 503,
  /** Another process keeps its memory in the same file. */
  BUTLER_STORE_LOCKED: 503,
} as const satisfies Record<string, number>

export type ButlerErrorCode = keyof typeof statusOf

/**
 * What the package throws and rejects with. `code` is stable and meant for programs; `message` names the subject, what came,
 * what was expected and the way out, and is meant for people.
 */
export class ButlerError extends Error {
  override readonly name = 'ButlerError'
  readonly code: ButlerErrorCode
  /** The HTTP status that the router answers with. */
  readonly status: number

  constructor(code: ButlerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.status = statusOf[code]
  }
}

/** Longest piece of a foreign value that a message repeats, in characters. */
const SHOWN = 80

/**
 * A value as a message shows it: as JSON where there is any, cut short, never with a line break or a control character. What is of a
 * class is told by its name: what it holds is nobody's business.
 */
export function shown(value: unknown): string {
  const raw = kindOf(value) ?? jsonOf(value, byItsClass) ?? nameOf(value)
  const text = raw.replaceAll(UNPRINTABLE, asEscape)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text
}

/** The first line of a text that says anything. */
export function firstLine(text: string): string {
  return (
    text
      .trim()
      .split(/[\r\n\u2028\u2029]/, 1)[0]
      ?.trimEnd() ?? ''
  )
}

// JSON leaves some of them as they are, among them the one that begins a command to a terminal.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029]/gu

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** `a Map`, `a promise`; `undefined` for what is of no class but those of JSON and of dates. */
export function kindOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    if (isPlain(value) || Array.isArray(value) || isDate(value)) return undefined
    const { name } = value.constructor
    if (name === 'Promise') return 'a promise'
    return typeof name === 'string' && name !== '' ? `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}` : 'an object'
  } catch {
    return undefined
  }
}

/** Whether an object is of no class, as those of literals and the namespaces of modules are. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A member by its class, before `toJSON` makes something else of it. */
function byItsClass(this: unknown, key: string, member: unknown): unknown {
  return kindOf((this as Record<string, unknown>)[key]) ?? member
}

/** A value as JSON; `undefined` when there is none. */
export function jsonOf(
  value: unknown,
  replacer?: (this: unknown, key: string, member: unknown) => unknown,
): string | undefined {
  try {
    return isNothing(value) ? undefined : JSON.stringify(value, replacer)
  } catch {
    return undefined
  }
}

/** Whether a value is a number or a date that is none, which JSON would turn into `null`. */
function isNothing(value: unknown): boolean {
  return typeof value === 'number' ? !Number.isFinite(value) : isDate(value) && Number.isNaN(value.getTime())
}

function nameOf(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && !isNothing(value) ? 'an object' : String(value)
}
