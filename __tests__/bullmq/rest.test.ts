import { Rest, type RestState } from '../../lib/bullmq/rest'

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
  ['has been at rest for a lease', '+a a a a a a a a', ['busy', 'told', 'told', 'told', 'told', 'settled', 'settled']],
  [
    'changes again after that',
    '+a a a a a a a +b b b',
    ['busy', 'told', 'told', 'told', 'told', 'settled', 'busy', 'told'],
  ],
  ['has come to rest after something that must be read', '+a open a a', ['busy', 'untold']],
  ['has come to rest after that was read', '+a open a close a', ['busy', 'told']],
])('a book that %s', (_, steps, states) => {
  expect(statesAfter(steps)).toEqual(states)
})

test('of what was told long ago nothing is kept', () => {
  expect(statesAfter('+a b b b a a')).toEqual(['busy', 'untold', 'untold', 'busy', 'untold'])
})
