import fc from 'fast-check'
import { WakeUps } from '../../lib/engine/wake-ups'

/** Calls all that is due, as a clock does. */
function callDue(wakeUps: WakeUps, now: number): void {
  for (let call = wakeUps.takeDue(now); call; call = wakeUps.takeDue(now)) call()
}

/** Wake-ups that note who is called. */
function aList() {
  const wakeUps = new WakeUps()
  const called: string[] = []
  return { wakeUps, called, add: (name: string, at: number) => wakeUps.add(at, () => called.push(name)) }
}

test('there is no first when nobody has asked', () => {
  const wakeUps = new WakeUps()
  expect(wakeUps.first).toBe(Number.POSITIVE_INFINITY)
  expect(wakeUps.takeDue(Number.MAX_SAFE_INTEGER)).toBeUndefined()
})

test('the earliest comes first, whoever asked first', () => {
  const { wakeUps, called, add } = aList()
  add('late', 30)
  add('early', 10)
  add('between', 20)
  expect(wakeUps.first).toBe(10)
  callDue(wakeUps, 30)
  expect(called).toEqual(['early', 'between', 'late'])
})

test('those of one instant come in the order of asking', () => {
  const { wakeUps, called, add } = aList()
  const names = Array.from({ length: 20 }, (_, index) => `task ${index}`)
  for (const name of names) add(name, 10)
  callDue(wakeUps, 10)
  expect(called).toEqual(names)
})

test('nobody is called before the instant, and everybody at it', () => {
  const { wakeUps, called, add } = aList()
  add('backup', 10)
  callDue(wakeUps, 9.999)
  expect(called).toEqual([])
  callDue(wakeUps, 10)
  expect(called).toEqual(['backup'])
})

test('what was removed is not called, and can be removed again', () => {
  const { wakeUps, called, add } = aList()
  const removeBackup = add('backup', 10)
  add('scan', 10)
  removeBackup()
  removeBackup()
  callDue(wakeUps, 10)
  expect(called).toEqual(['scan'])
})

test('removing what has been called leaves the others alone', () => {
  const { wakeUps, called, add } = aList()
  const removeBackup = add('backup', 10)
  add('scan', 20)
  callDue(wakeUps, 10)
  removeBackup()
  expect(wakeUps.first).toBe(20)
  callDue(wakeUps, 20)
  expect(called).toEqual(['backup', 'scan'])
})

test('one who is called can remove one of the same instant', () => {
  const { wakeUps, called, add } = aList()
  let removeScan = () => {}
  wakeUps.add(10, () => removeScan())
  removeScan = add('scan', 10)
  callDue(wakeUps, 10)
  expect(called).toEqual([])
})

test('only those who asked before can be taken', () => {
  const { wakeUps, called, add } = aList()
  add('before', 10)
  const { asked } = wakeUps
  add('afterwards', 5)
  expect(wakeUps.takeDue(10, asked)).toBeUndefined()
  callDue(wakeUps, 10)
  expect(called).toEqual(['afterwards', 'before'])
})

type Step = { kind: 'add'; at: number } | { kind: 'remove'; which: number } | { kind: 'call'; now: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), at: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat({ max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('call' as const), now: fc.integer({ min: 0, max: 25 }) }) },
)

test('whatever is added, removed and called, it behaves like a list that is sorted every time', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      const wakeUps = new WakeUps()
      const removals: (() => void)[] = []
      let naive: { at: number; name: number }[] = []
      for (const step of steps) {
        if (step.kind === 'add') {
          const name = removals.length
          removals.push(wakeUps.add(step.at, () => expect(naive.shift()?.name).toBe(name)))
          naive = [...naive, { at: step.at, name }].sort((one, other) => one.at - other.at || one.name - other.name)
        } else if (step.kind === 'remove') {
          removals[step.which]?.()
          naive = naive.filter(({ name }) => name !== step.which)
        } else {
          callDue(wakeUps, step.now)
          expect(naive.every(({ at }) => at > step.now)).toBe(true)
        }
        expect(wakeUps.first).toBe(naive[0]?.at ?? Number.POSITIVE_INFINITY)
      }
      callDue(wakeUps, 25)
      expect(naive).toEqual([])
    }),
    { seed: 20261123, numRuns: 300 },
  )
})
