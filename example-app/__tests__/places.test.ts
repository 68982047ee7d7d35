import { Places } from '../workers/places'

const { signal } = new AbortController()

/** Work that lasts until the test says so. */
function work() {
  let end: (error?: Error) => void = () => {}
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve())
  })
  const seen = { hasBegun: false }
  const begin = () => {
    seen.hasBegun = true
    return ended
  }
  return { seen, begin, end }
}

test('as many work side by side as there are places, the others in the order in which they asked', async () => {
  const places = new Places(2)
  const all = [work(), work(), work(), work()]
  const uses = all.map(({ begin }) => places.use(signal, begin))
  const begun = () => all.map(({ seen }) => seen.hasBegun)
  expect(begun()).toEqual([true, true, false, false])
  all[1]?.end()
  await uses[1]
  expect(begun()).toEqual([true, true, true, false])
  all[0]?.end(new Error('failed'))
  await expect(uses[0]).rejects.toThrow('failed')
  expect(begun()).toEqual([true, true, true, true])
})

test('who stops waiting takes no place, and none is lost', async () => {
  const places = new Places(1)
  const [first, third] = [work(), work()]
  const stop = new AbortController()
  const uses = [
    places.use(signal, first.begin),
    places.use(stop.signal, async () => expect('nobody').toBe('here')),
    places.use(signal, third.begin),
  ]
  stop.abort(new Error('stop'))
  await expect(uses[1]).rejects.toThrow('stop')
  first.end()
  await uses[0]
  expect(third.seen.hasBegun).toBe(true)
  third.end()
  await uses[2]
  await expect(places.use(signal, async () => 'free again')).resolves.toBe('free again')
})

test('nothing is begun for a signal that has aborted', async () => {
  await expect(new Places().use(AbortSignal.abort(new Error('stop')), work().begin)).rejects.toThrow('stop')
})
