import type { Connection } from '../../lib/bullmq/connection'
import { Nodes } from '../../lib/bullmq/nodes'
import { Rest, type RestState } from '../../lib/bullmq/rest'
import { fakeClock } from '../../lib/testing'

/** Two nodes that see each other's beats. */
function openNodes() {
  const fields = new Map<string, string>()
  const queue = {
    getQueueMeta: async () => Object.fromEntries(fields),
    hasQueueMetaField: async (name: string) => fields.has(name),
    getQueueMetaFields: async (names: string[]) => names.map((name) => fields.get(name) ?? null),
    async setQueueMeta(given: Record<string, string>) {
      for (const [name, value] of Object.entries(given)) fields.set(name, value)
    },
    async removeQueueMetaFields(names: string[]) {
      for (const name of names) fields.delete(name)
    },
  }
  const connection = { ask: (question: () => unknown) => question(), queue: () => queue } as unknown as Connection
  const options = { tasks: new Map(), clock: fakeClock('2026-01-14T02:00Z'), leaseMs: 10_000 } as never
  return { me: new Nodes(connection, 'me', options), other: new Nodes(connection, 'other', options) }
}

/** `+v` tells of a version, `v` is found at a check, `open` and `close` are called. */
function statesAfter(steps: string): RestState[] {
  const rest = new Rest()
  return steps.split(' ').flatMap((step) => {
    if (step === 'open' || step === 'close') rest[step]()
    else if (step.startsWith('+')) rest.tell(step.slice(1))
    else return [rest.check(step)]
    return []
  })
}

test.each<[string, string, RestState[]]>([
  ['changes from check to check', '+a a +b b +c c', ['busy', 'busy', 'busy']],
  ['has come to rest after a change that was told', '+a a a a', ['busy', 'told', 'told']],
  ['has come to rest after one that was not', '+a a b b b', ['busy', 'busy', 'untold', 'untold']],
  ['has come to rest after one that was told late', 'a +a a', ['busy', 'told']],
  ['has come to rest after one that was told before it was found', '+a +b a b b', ['busy', 'busy', 'told']],
  ['has been at rest for a lease', '+a a a a a a a a', ['busy', 'told', 'told', 'told', 'told', 'told', 'settled']],
  [
    'changes again after that',
    '+a a a a a a a +b b b',
    ['busy', 'told', 'told', 'told', 'told', 'told', 'busy', 'told'],
  ],
  ['has come to rest after something that must be read', '+a open a a', ['busy', 'untold']],
  ['has come to rest after that was read', '+a open a close a', ['busy', 'told']],
])('a book that %s', (_, steps, states) => {
  expect(statesAfter(steps)).toEqual(states)
})

test('it has not settled before whoever wrote last is known to be dead, if it could not tell', async () => {
  const { me, other } = openNodes()
  await other.beat()
  await me.beat()
  await other.beat() // then it writes, and dies
  const rest = new Rest()
  rest.tell('of a third one')
  const seen: boolean[] = []
  while (seen.length < 9) {
    await me.beat()
    const hasSettled = rest.check('of a third one') === 'settled'
    seen.push(!hasSettled || me.isDead('other'))
  }
  expect(seen).toEqual(Array(9).fill(true))
  expect(rest.check('of a third one')).toBe('settled')
})

test('what was told is forgotten when all is read, but for what was told last', () => {
  const rest = new Rest()
  rest.tell('a')
  rest.forget()
  rest.tell('b')
  rest.forget()
  expect([rest.check('a'), rest.check('a')]).toEqual(['busy', 'untold'])
  expect([rest.check('b'), rest.check('b')]).toEqual(['busy', 'untold'])
})

test('of what was told long ago nothing is kept', () => {
  expect(statesAfter('+a b b b a a')).toEqual(['busy', 'untold', 'untold', 'busy', 'untold'])
})
