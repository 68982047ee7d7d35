import { Succession } from '../../lib/bullmq/succession'

/** A node that is first for Mine and Too, after a look. */
function looked(ready: string[], awaited: string[] = []) {
  const succession = new Succession({ isFirstFor: (task) => ['Mine', 'Too'].includes(task) })
  succession.begin()
  succession.found({ ready, awaited: new Set(awaited) })
  return succession
}

test.each<[string, string[], string[], string[], boolean]>([
  ['nothing has ended', ['Mine'], [], [], false],
  ['its task is next', ['Mine', 'B'], [], ['A'], true],
  ['the task of another node is next', ['B', 'Mine'], [], ['A'], false],
  ['its task is the next but one, and two runs have ended', ['B', 'Mine'], [], ['A', 'X'], true],
  ['nobody waits', [], [], ['A'], false],
  ['somebody has waited for that run', [], ['A'], ['A'], true],
  ['somebody waits for another run', [], ['B'], ['A'], false],
])('when %s, whether it is its turn is known', (_, ready, awaited, ended, isMine) => {
  const succession = looked(ready, awaited)
  for (const task of ended) succession.end(task)
  expect(succession.isMine).toBe(isMine)
})

test('what ends while a node looks counts when it has looked', () => {
  const succession = looked(['B', 'Mine'])
  succession.begin()
  succession.end('A')
  expect(succession.isMine).toBe(false)
  succession.found({ ready: ['Mine'], awaited: new Set() })
  expect(succession.isMine).toBe(true)
})

test('what ended before a look counts no more', () => {
  const succession = looked(['B', 'Mine'])
  succession.end('A')
  succession.begin()
  succession.found({ ready: ['B', 'Mine'], awaited: new Set() })
  succession.end('B')
  expect(succession.isMine).toBe(false)
})

test('who has not looked, or in vain, takes any end for its turn', () => {
  const succession = new Succession({ isFirstFor: () => false })
  expect(succession.isMine).toBe(false)
  succession.end('A')
  expect(succession.isMine).toBe(true)
  succession.begin()
  succession.found('unknown')
  succession.end('A')
  expect(succession.isMine).toBe(true)
})
