import { copyOf, type Run } from '../../lib/engine/run'
import { aNewRun } from '../helpers/memories'

const aRun: Run = {
  ...aNewRun(),
  error: { name: 'Error', message: 'disk full' },
  result: { files: ['a'] },
  log: [{ at: '2026-01-01T12:00:00.000Z', message: 'begins' }],
}

test('what is done to a copy of a run does not reach the run', () => {
  const before = structuredClone(aRun)
  const copy = copyOf(aRun)
  expect(copy).toEqual(before)
  copy.outcome = 'completed'
  copy.error!.message = 'forged'
  ;(copy.result as { files: string[] }).files.push('b')
  copy.log[0]!.message = 'forged'
  copy.log.pop()
  expect(aRun).toEqual(before)
})
