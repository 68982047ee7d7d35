import { shown } from '../errors'
import { isObject } from '../options'
import { outcomes, triggers } from '../registry'
import type { LogLine, Run, RunError } from './run'
import type { SettingsChange } from './settings'
import type { Draw, Memory, TaskMemory, WaitingEntry } from './store'
import type { MaintenanceWindow } from './window'

/** What a text turned out to be. `newer`: written by a later version of this package, so not ours to touch. */
type Reading =
  | { kind: 'memory'; memory: Memory }
  | { kind: 'newer'; version: number }
  | { kind: 'damaged'; reason: string }

/** Reads a stored memory. Whatever the text is, this answers: it never throws, and never believes what it has not checked. */
export function readMemory(text: string): Reading {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return {
      kind: 'damaged',
      reason: text.trim() === '' ? 'it is empty' : `it is no JSON: ${shown((error as Error).message)}`,
    }
  }
  const version = isRecord(document) ? document.version : undefined
  if (Number.isSafeInteger(version) && (version as number) > 1) return { kind: 'newer', version: version as number }
  const complaint = memory(document)
  if (complaint === null) return { kind: 'memory', memory: document as Memory }
  const { path, value, expected } = complaint
  const subject = path.length === 0 ? 'it' : nameOf(path.reverse().join('.'))
  return {
    kind: 'damaged',
    reason: `${subject} is ${value === undefined ? 'missing' : shown(value)}; expected ${expected}`,
  }
}

/** A path may lead through a foreign key, and a message is one line. */
function nameOf(path: string): string {
  return /^[\w.-]{1,80}$/.test(path) ? path : shown(path)
}

/** How far down the text is indented: a run takes one line, so that `grep failed butler.json` shows whole runs. */
const INDENTED_LEVELS = 4

/** The text that is stored, for machines and for people. */
export function writeMemory(memory: Memory): string {
  return `${indented(memory, INDENTED_LEVELS, '\n')}\n`
}

function indented(value: unknown, levels: number, lineBreak: string): string {
  if (levels === 0 || value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const inner = `${lineBreak}  `
  const [open, close, parts] = Array.isArray(value)
    ? ['[', ']', value.map((each) => indented(each, levels - 1, inner))]
    : ['{', '}', membersOf(value).map(([key, each]) => `${JSON.stringify(key)}: ${indented(each, levels - 1, inner)}`)]
  return parts.length === 0 ? open + close : open + inner + parts.join(`,${inner}`) + lineBreak + close
}

/** As JSON has it: what is `undefined` is not there. */
function membersOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, each]) => each !== undefined)
}

/** The first thing that is not as it should be. `path` leads to it, innermost first. */
interface Complaint {
  path: (string | number)[]
  value: unknown
  expected: string
}

type Check = (value: unknown) => Complaint | null

function expecting(expected: string, holds: (value: unknown) => boolean): Check {
  return (value) => (holds(value) ? null : { path: [], value, expected })
}

function inside(key: string | number, complaint: Complaint | null): Complaint | null {
  complaint?.path.push(key)
  return complaint
}

const text = expecting('a string', (value) => typeof value === 'string')
const truth = expecting('true or false', (value) => typeof value === 'boolean')
const number = expecting('a number', (value) => typeof value === 'number')
const date = expecting('a date like "2026-11-01"', isDate)
const instant = expecting('an instant in ISO 8601', isInstant)
const anything: Check = () => null

function oneOf(words: readonly string[]): Check {
  return expecting(`one of ${words.join(', ')}`, (value) => typeof value === 'string' && words.includes(value))
}

function nullable(check: Check): Check {
  return (value) => (value === null ? null : check(value))
}

function optional(check: Check): Check {
  return (value) => (value === undefined ? null : check(value))
}

function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return { path: [], value, expected: 'a list' }
    for (const [index, each] of value.entries()) {
      const complaint = inside(index, check(each))
      if (complaint) return complaint
    }
    return null
  }
}

/** An object with these members; others are left alone. */
function objectOf<Shape>(members: { [Key in keyof Required<Shape>]: Check }): Check {
  const checks = Object.entries<Check>(members)
  return (value) => {
    if (!isRecord(value)) return noRecord(value)
    for (const [key, check] of checks) {
      const complaint = inside(key, check(value[key]))
      if (complaint) return complaint
    }
    return null
  }
}

/** An object with any keys. */
function recordOf(check: Check): Check {
  return (value) => {
    if (!isRecord(value)) return noRecord(value)
    for (const [key, each] of Object.entries(value)) {
      const complaint = inside(key, check(each))
      if (complaint) return complaint
    }
    return null
  }
}

/** An object without a key `__proto__`, which would reach the prototype of whoever copies it carelessly. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Object.hasOwn(value, '__proto__')
}

function noRecord(value: unknown): Complaint {
  return { path: [], value, expected: 'an object without a key "__proto__"' }
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && /^[+-]?\d+-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))
}

/** Whether it is in the calendar: `Date` reads the 31st of February as the 3rd of March. */
function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[+-]?\d+-\d\d-\d\d$/.test(value)) return false
  const midnight = new Date(value)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(value)
}

const trigger = oneOf(triggers)
const outcome = oneOf(outcomes)

const run = objectOf<Run>({
  id: text,
  task: text,
  trigger,
  by: nullable(text),
  date,
  startedAt: instant,
  endedAt: nullable(instant),
  outcome: nullable(outcome),
  error: nullable(objectOf<RunError>({ name: text, message: text, code: optional(text) })),
  progress: nullable(number),
  progressMessage: nullable(text),
  result: anything,
  log: listOf(objectOf<LogLine>({ at: instant, message: text })),
})

const task = objectOf<TaskMemory>({
  runs: listOf(run),
  waiting: nullable(
    objectOf<WaitingEntry>({
      task: text,
      trigger,
      by: nullable(text),
      at: nullable(instant),
      until: nullable(instant),
      after: listOf(text),
      traceparent: optional(text),
    }),
  ),
  draw: nullable(objectOf<Draw>({ night: date, at: instant })),
  lastCompletedOn: nullable(date),
  lastCompletedAt: optional(nullable(instant)),
})

const memory = objectOf<Memory>({
  version: expecting('1', (value) => value === 1),
  settings: objectOf<SettingsChange>({
    window: optional(
      objectOf<MaintenanceWindow>({ opensAt: optional(text), closesAt: optional(text), timeZone: optional(text) }),
    ),
    enabled: optional(recordOf(truth)),
  }),
  tasks: recordOf(task),
})
