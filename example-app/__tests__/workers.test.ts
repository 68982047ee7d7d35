import { Workers } from '../workers/workers'

const workers = new Workers()
afterAll(() => workers.close())

const question = { streams: [{ times: [0, 0.5, 1], sizes: [100, 100, 100] }], durationS: 1, buffersS: [1] }

test('a job is done in a thread, with the same result as here', async () => {
  const { signal } = new AbortController()
  await expect(workers.run('peakBitRates', question, signal)).resolves.toEqual([{ bufferS: 1, bitsPerSecond: 1_600 }])
})

/** A job that would take minutes: every packet lies within every stretch, and there are many buffers. */
function endless() {
  const times = new Float64Array(1_000_000)
  const buffersS = Array.from({ length: 100_000 }, () => 1)
  return { streams: [{ times, sizes: times }], durationS: 1, buffersS }
}

test('a stop ends a job with its own reason, also while it calculates', async () => {
  const stop = new AbortController()
  const running = workers.run('peakBitRates', endless(), stop.signal)
  stop.abort(new Error('stop'))
  await expect(running).rejects.toThrow('stop')
})

test('a job that takes longer than it may is ended, and the next finds a thread', async () => {
  const { signal } = new AbortController()
  const running = workers.run('peakBitRates', endless(), signal, { longestMs: 300 })
  await expect(running).rejects.toThrow('took longer than 0.3 seconds')
  await expect(workers.run('peakBitRates', question, signal, { longestMs: 60_000 })).resolves.toHaveLength(1)
})

test('nothing is started for a signal that has aborted', async () => {
  await expect(workers.run('peakBitRates', question, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
})

test('what a job throws is its own error, and the next job finds a thread', async () => {
  const { signal } = new AbortController()
  const nonsense = { ...question, streams: null as never }
  await expect(workers.run('peakBitRates', nonsense, signal)).rejects.toThrow(/not iterable|null/)
  await expect(workers.run('peakBitRates', question, signal)).resolves.toHaveLength(1)
})
