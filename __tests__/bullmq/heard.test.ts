import { Heard } from '../../lib/bullmq/heard'

const hearing = (...items: [node: string, number: number][]) => {
  const heard = new Heard()
  for (const [node, number] of items) heard.count(node, number)
  return heard
}

test.each<[string, [string, number][], boolean]>([
  ['nothing', [], false],
  ['the first of a node, whatever its number', [['a', 7]], false],
  [
    'one after the other',
    [
      ['a', 7],
      ['a', 8],
      ['a', 9],
    ],
    false,
  ],
  [
    'two nodes in turns',
    [
      ['a', 1],
      ['b', 5],
      ['a', 2],
      ['b', 6],
    ],
    false,
  ],
  [
    'two that changed places',
    [
      ['a', 1],
      ['a', 3],
      ['a', 2],
    ],
    false,
  ],
  [
    'what comes after two that changed places',
    [
      ['a', 1],
      ['a', 3],
      ['a', 2],
      ['a', 4],
    ],
    false,
  ],
  [
    'one that did not come',
    [
      ['a', 1],
      ['a', 3],
    ],
    true,
  ],
  [
    'one of two that did not come',
    [
      ['a', 1],
      ['a', 4],
      ['a', 3],
    ],
    true,
  ],
  [
    'one of another node that did not come',
    [
      ['a', 1],
      ['b', 1],
      ['b', 3],
      ['a', 2],
    ],
    true,
  ],
  [
    'an old one that comes once more',
    [
      ['a', 2],
      ['a', 1],
    ],
    false,
  ],
  [
    'one without a number',
    [
      ['a', Number.NaN],
      ['a', 1],
      ['a', 2],
    ],
    false,
  ],
])('who hears %s knows whether something was missed', (_, items, isMissed) => {
  expect(hearing(...items).takeMissed()).toBe(isMissed)
})

test('what was missed is said once', () => {
  const heard = hearing(['a', 1], ['a', 3])
  expect([heard.takeMissed(), heard.takeMissed()]).toEqual([true, false])
  heard.count('a', 4)
  expect(heard.takeMissed()).toBe(false)
  heard.count('a', 6)
  expect(heard.takeMissed()).toBe(true)
})

test('of a node that is gone nothing is missed', () => {
  const heard = hearing(['a', 1], ['b', 1])
  heard.forget((node) => node === 'a')
  heard.count('a', 9)
  expect(heard.takeMissed()).toBe(false)
  heard.count('b', 9)
  expect(heard.takeMissed()).toBe(true)
})

test('what comes late after it was said to be missed hides nothing that is missed later', () => {
  const heard = hearing(['a', 1], ['a', 3])
  expect(heard.takeMissed()).toBe(true)
  for (const number of [5, 2]) heard.count('a', number)
  expect(heard.takeMissed()).toBe(true)
})
