import { PatienceWithStarts, startJob } from '../../lib/bullmq/starts'

const [one, other] = [startJob(), startJob()]

test.each<[string, string[], boolean]>([
  ['a start that has just got the slot', [one], false],
  ['another one each time', [one, other, one, other], false],
  ['one that has had it for a while', [one, one, one, one], true],
  ['one that came after others', [other, other, other, one, one, one, one], true],
  ['what a plan has added', ['j1', 'j1', 'j1', 'j1'], false],
])('%s: is taken over %s', (_, jobs, isOver) => {
  const patience = new PatienceWithStarts()
  expect(jobs.map((job) => patience.endsWith(job)).at(-1)).toBe(isOver)
})
