import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Metadata, type MetadataProvider, ProviderSilent, type Subject } from './metadata-provider'

/** Time, for tests to replace. */
export interface Meter {
  /** In milliseconds, from any beginning. */
  now(): number
  pause(ms: number, signal: AbortSignal): Promise<unknown>
}

const realMeter: Meter = {
  now: () => performance.now(),
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
}

/** Asks a provider no more often, and waits no longer, than it says; whatever it does, a stop ends the waiting. */
export class MeteredProvider {
  readonly #provider: MetadataProvider
  readonly #meter: Meter
  #nextAt = Number.NEGATIVE_INFINITY

  constructor(provider: MetadataProvider, meter = realMeter) {
    this.#provider = provider
    this.#meter = meter
  }

  /** Rejects with the signal's reason, with `ProviderSilent` also when time is up, or with what the provider rejects with. */
  async fetch(subject: Subject, signal: AbortSignal): Promise<Metadata> {
    signal.throwIfAborted()
    const wait = this.#nextAt - this.#meter.now()
    // A pause that is cut short has an error of its own; the signal's reason says why.
    if (wait > 0) await this.#meter.pause(wait, signal).catch(() => {})
    signal.throwIfAborted()
    this.#nextAt = this.#meter.now() + this.#provider.spacingMs
    return this.#withinLimit(subject, signal)
  }

  async #withinLimit(subject: Subject, signal: AbortSignal): Promise<Metadata> {
    const { name, timeLimitMs } = this.#provider
    const call = new AbortController()
    const stop = () => call.abort(signal.reason)
    const timer = setTimeout(
      () => call.abort(new ProviderSilent(`${name} did not answer within ${timeLimitMs} ms`)),
      timeLimitMs,
    )
    signal.addEventListener('abort', stop)
    try {
      const over = new Promise<never>((_, reject) => {
        call.signal.addEventListener('abort', () => reject(call.signal.reason))
      })
      return await Promise.race([this.#provider.fetch(subject, call.signal), over])
    } catch (error) {
      // What a provider makes of being stopped is of no interest.
      throw call.signal.aborted ? call.signal.reason : error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }
}
