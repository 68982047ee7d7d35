import { getEventListeners } from 'node:events'
import { type Metadata, type MetadataProvider, ProviderSilent } from '../library/metadata-provider'
import { MeteredProvider } from '../library/metered-provider'

const subject = { kind: 'artist' as const, name: 'Them' }
const metadata: Metadata = { title: 'Them', plot: null, year: null, genres: [], ids: {}, parts: [], items: 1 }

const aProvider = (otherwise: Partial<MetadataProvider>): MetadataProvider => ({
  name: 'a provider',
  spacingMs: 0,
  timeLimitMs: 60_000,
  fetch: async () => metadata,
  ...otherwise,
})
const never = () => new Promise<never>(() => {})

test('asks no more often than the provider wants, and does not wait when enough time has gone by', async () => {
  let now = 0
  const pauses: number[] = []
  const pause = async (ms: number) => {
    pauses.push(ms)
    now += ms
  }
  const provider = new MeteredProvider(aProvider({ spacingMs: 1_000 }), { now: () => now, pause })
  const { signal } = new AbortController()
  await provider.fetch(subject, signal)
  now += 300
  await provider.fetch(subject, signal)
  now += 5_000
  await provider.fetch(subject, signal)
  await provider.fetch(subject, signal)
  expect(pauses).toEqual([700, 1_000])
})

test('a stop ends the waiting for a turn', async () => {
  const stop = new AbortController()
  const provider = new MeteredProvider(aProvider({ spacingMs: 60_000 }))
  await provider.fetch(subject, stop.signal)
  const waiting = provider.fetch(subject, stop.signal)
  stop.abort(new Error('stop'))
  await expect(waiting).rejects.toThrow(/stop|aborted/)
})

test('a call that takes too long is given up, and told to end', async () => {
  let told: unknown
  const fetch = (_: unknown, signal: AbortSignal) => {
    signal.addEventListener('abort', () => (told = signal.reason))
    return never()
  }
  const provider = new MeteredProvider(aProvider({ timeLimitMs: 5, fetch }))
  const call = provider.fetch(subject, new AbortController().signal)
  await expect(call).rejects.toThrow('a provider did not answer within 5 ms')
  expect(told).toBeInstanceOf(ProviderSilent)
})

test('a stop in the middle of a call rejects with its reason, also when the provider does not listen', async () => {
  const stop = new AbortController()
  const call = new MeteredProvider(aProvider({ fetch: never })).fetch(subject, stop.signal)
  stop.abort(new Error('stop'))
  await expect(call).rejects.toThrow('stop')
})

test('leaves no listeners behind', async () => {
  const { signal } = new AbortController()
  const provider = new MeteredProvider(aProvider({}))
  await provider.fetch(subject, signal)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
