import fc from 'fast-check'
import { Line } from '../../lib/engine/line'

/** Takes until nobody may go any more. */
function takeAll(line: Line): string[] {
  const taken: string[] = []
  for (let name = line.take(); name !== undefined; name = line.take()) taken.push(name)
  return taken
}

/** A line with as many places as anybody could want. */
const wide = () => new Line(Number.POSITIVE_INFINITY)

test('nobody is taken from an empty line', () => {
  expect(wide().take()).toBeUndefined()
})

test('names are taken in the order of joining, each once', () => {
  const line = wide()
  for (const name of ['scan', 'backup', 'clean', 'backup']) line.join(name)
  expect(takeAll(line)).toEqual(['scan', 'backup', 'clean'])
})

test('one who joins again after being taken is taken again', () => {
  const line = wide()
  line.join('backup')
  expect(takeAll(line)).toEqual(['backup'])
  line.join('backup')
  expect(takeAll(line)).toEqual(['backup'])
})

test('one who leaves is not taken, and joins again at the end', () => {
  const line = wide()
  for (const name of ['scan', 'backup']) line.join(name)
  line.leave('scan')
  line.join('scan')
  expect(takeAll(line)).toEqual(['backup', 'scan'])
})

describe('places', () => {
  test('no more are taken than there are, until one is given back', () => {
    const line = new Line(2)
    for (const name of ['a', 'b', 'c', 'd']) line.join(name)
    expect(takeAll(line)).toEqual(['a', 'b'])
    line.giveBack()
    expect(takeAll(line)).toEqual(['c'])
    line.giveBack()
    line.giveBack()
    expect(takeAll(line)).toEqual(['d'])
  })

  test('an attempt in vain costs none', () => {
    const line = new Line(1)
    expect(takeAll(line)).toEqual([])
    line.join('a')
    expect(takeAll(line)).toEqual(['a'])
  })

  test('one who must wait for others holds none', () => {
    const line = new Line(1)
    line.expect('b', ['a'])
    line.join('b')
    line.join('c')
    expect(takeAll(line)).toEqual(['c'])
  })
})

describe('one who comes after others', () => {
  test('waits until all of them have settled', () => {
    const line = wide()
    line.expect('optimise', ['backup', 'scan'])
    line.join('optimise')
    expect(takeAll(line)).toEqual([])
    line.settle('scan')
    expect(takeAll(line)).toEqual([])
    line.settle('backup')
    expect(takeAll(line)).toEqual(['optimise'])
  })

  test('may be settled before it joins, and then waits for nobody', () => {
    const line = wide()
    line.expect('optimise', ['backup'])
    line.settle('backup')
    expect(takeAll(line)).toEqual([])
    line.join('optimise')
    expect(takeAll(line)).toEqual(['optimise'])
  })

  test('waits for nobody when it expects nobody', () => {
    const line = wide()
    line.expect('optimise', [])
    line.join('optimise')
    expect(takeAll(line)).toEqual(['optimise'])
  })

  test('is not held up by somebody else who settles', () => {
    const line = wide()
    line.expect('optimise', ['backup'])
    line.join('optimise')
    line.settle('scan')
    expect(takeAll(line)).toEqual([])
  })

  test('forgets what it expected when it leaves', () => {
    const line = wide()
    line.expect('optimise', ['backup'])
    line.join('optimise')
    line.leave('optimise')
    line.settle('backup')
    expect(takeAll(line)).toEqual([])
    line.join('optimise')
    expect(takeAll(line)).toEqual(['optimise'])
  })

  test('follows in a chain', () => {
    const line = wide()
    line.expect('b', ['a'])
    line.expect('c', ['b'])
    for (const name of ['c', 'b', 'a']) line.join(name)
    expect(takeAll(line)).toEqual(['a'])
    line.settle('a')
    expect(takeAll(line)).toEqual(['b'])
    line.settle('b')
    expect(takeAll(line)).toEqual(['c'])
  })

  test('does not hold up others who came after the same one', () => {
    const line = wide()
    line.expect('b', ['a'])
    line.expect('c', ['a'])
    for (const name of ['b', 'c']) line.join(name)
    line.leave('b')
    line.settle('a')
    expect(takeAll(line)).toEqual(['c'])
  })
})

/** What the line promises, said as slowly as can be: a list of all that joined, each with those it still waits for. */
class NaiveLine {
  ready: string[] = []
  blocked: string[] = []
  expected: { name: string; ahead: string[] }[] = []
  places: number

  constructor(places: number) {
    this.places = places
  }

  expect(name: string, after: string[]) {
    this.expected = this.expected.filter((each) => each.name !== name)
    if (after.length > 0) this.expected.push({ name, ahead: after })
  }

  join(name: string) {
    const list = this.expected.some((each) => each.name === name) ? this.blocked : this.ready
    if (!list.includes(name)) list.push(name)
  }

  leave(name: string) {
    this.ready = this.ready.filter((each) => each !== name)
    this.blocked = this.blocked.filter((each) => each !== name)
    this.expected = this.expected.filter((each) => each.name !== name)
  }

  take() {
    const [name] = this.ready
    if (this.places < 1 || name === undefined) return undefined
    this.places -= 1
    this.leave(name)
    return name
  }

  giveBack() {
    this.places += 1
  }

  settle(settled: string) {
    const free = this.expected.filter(({ ahead }) => ahead.length === 1 && ahead[0] === settled).map(({ name }) => name)
    this.expected = this.expected
      .map(({ name, ahead }) => ({ name, ahead: ahead.filter((each) => each !== settled) }))
      .filter(({ ahead }) => ahead.length > 0)
    this.ready.push(...free.filter((name) => this.blocked.includes(name)))
    this.blocked = this.blocked.filter((name) => !free.includes(name))
  }
}

const names = ['a', 'b', 'c', 'd', 'e', 'f']
const anyName = fc.constantFrom(...names)

/** Every name goes the way that a queue takes it: it leaves before it comes back with other expectations. */
const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ name: anyName, after: fc.uniqueArray(anyName, { maxLength: 3 }), joins: fc.boolean() })
      .map(({ name, after, joins }) => (line: Line | NaiveLine) => {
        line.leave(name)
        line.expect(
          name,
          after.filter((other) => other !== name),
        )
        if (joins) line.join(name)
      }),
  },
  { weight: 2, arbitrary: anyName.map((name) => (line: Line | NaiveLine) => line.join(name)) },
  { weight: 1, arbitrary: anyName.map((name) => (line: Line | NaiveLine) => line.leave(name)) },
  { weight: 3, arbitrary: anyName.map((name) => (line: Line | NaiveLine) => line.settle(name)) },
  { weight: 2, arbitrary: fc.constant((line: Line | NaiveLine) => line.giveBack()) },
  { weight: 4, arbitrary: fc.constant((line: Line | NaiveLine) => line.take()) },
)

test('whatever happens, it behaves like a list that is searched every time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), fc.array(anyStep, { maxLength: 100 }), (places, steps) => {
      const [line, naive] = [new Line(places), new NaiveLine(places)]
      for (const step of steps) expect(step(line)).toEqual(step(naive))
      for (const each of [line, naive]) for (const name of names) each.settle(name)
      for (const each of [line, naive]) for (const _ of names) each.giveBack()
      expect(takeAll(line)).toEqual(takeAll(naive as unknown as Line))
    }),
    { seed: 20261123, numRuns: 500 },
  )
})
