import fc from 'fast-check'
import type { Memory } from '../../lib/engine/store'

const text = fc.string({ unit: 'grapheme' })
const words = fc.oneof(text, fc.constant(null))
const instant = fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
const maybeInstant = fc.option(instant)
const date = fc
  .date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') })
  .map((date) => date.toISOString().slice(0, 10))
const trigger = fc.constantFrom('window', 'start-all', 'manual')
const taskName = text.filter((name) => name !== '__proto__')

const run = fc.record({
  id: text,
  task: text,
  trigger,
  by: words,
  date,
  startedAt: instant,
  endedAt: maybeInstant,
  outcome: fc.constantFrom(null, 'completed', 'failed', 'stopped', 'timed-out', 'window-closed', 'interrupted'),
  error: fc.option(fc.record({ name: text, message: text, code: text }, { requiredKeys: ['name', 'message'] })),
  progress: fc.option(fc.double({ min: 0, max: 1, noNaN: true }).filter((fraction) => !Object.is(fraction, -0))),
  progressMessage: words,
  result: fc.jsonValue(),
  log: fc.array(fc.record({ at: instant, message: text }), { maxLength: 3 }),
})

const taskMemory = fc.record({
  runs: fc.array(run, { maxLength: 3 }),
  waiting: fc.option(
    fc.record({
      task: text,
      trigger,
      by: words,
      at: maybeInstant,
      until: maybeInstant,
      after: fc.array(text, { maxLength: 3 }),
    }),
  ),
  draw: fc.option(fc.record({ night: date, at: instant })),
  lastCompletedOn: fc.option(date),
})

/** Any memory at all. */
export const anyMemory = fc.record({
  version: fc.constant(1),
  settings: fc.record(
    {
      window: fc.record({ opensAt: text, closesAt: text, timeZone: text }, { requiredKeys: [] }),
      enabled: fc.dictionary(taskName, fc.boolean(), { noNullPrototype: true }),
    },
    { requiredKeys: [] },
  ),
  tasks: fc.dictionary(taskName, taskMemory, { maxKeys: 4, noNullPrototype: true }),
}) as fc.Arbitrary<Memory>
