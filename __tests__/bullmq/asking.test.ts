import { Asking } from '../../lib/bullmq/asking'

test('the first that is ready goes, and nobody else', () => {
  const asking = new Asking()
  expect([asking.offer('one'), asking.offer('two')]).toEqual(['one', null])
})

test('what the one that went answers is the answer', async () => {
  const asking = new Asking()
  asking.offer('one')
  asking.offer('two')
  expect(asking.hear('one', 'already-running')).toBeNull()
  await asking.answered
  expect(asking.answer).toBe('already-running')
})

test('when it could not do it, another one that is ready goes, until there is none', async () => {
  const asking = new Asking()
  for (const node of ['one', 'two', 'three']) asking.offer(node)
  expect([asking.hear('one', null), asking.hear('two', null), asking.hear('three', null)]).toEqual([
    'two',
    'three',
    null,
  ])
  await asking.answered
  expect(asking.answer).toBeNull()
})

test('whoever did not go is not listened to', () => {
  const asking = new Asking()
  asking.offer('one')
  asking.offer('two')
  expect(asking.hear('two', null)).toBeNull()
  expect(asking.hear('two', 'started')).toBeNull()
  expect(asking.answer).toBeNull()
})
