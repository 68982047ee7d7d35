import type { Nfo } from '../media/nfo'

/** An artist or a show. */
export interface Subject {
  kind: 'artist' | 'show'
  name: string
}

/** What a provider knows of an artist or a show. Empty or `null`: nothing. */
export interface Metadata {
  title: string | null
  plot: string | null
  year: number | null
  genres: string[]
  ids: Nfo['ids']
  /** Albums of an artist, seasons of a show. */
  parts: string[]
  /** How many pieces of music, or episodes. */
  items: number
}

/** Who knows something of artists and shows. */
export interface MetadataProvider {
  name: string
  /** Shortest time between the beginnings of two calls, in milliseconds. */
  spacingMs: number
  /** Longest call, in milliseconds. */
  timeLimitMs: number
  /**
   * Resolves with what is known now. Rejects with `ProviderSilent` when the provider cannot be asked at the moment; any other error
   * is the subject's. Both are tried again later. Should end when `signal` aborts; is not waited for when it does not.
   */
  fetch(subject: Subject, signal: AbortSignal): Promise<Metadata>
}

/** A provider does not answer, or asks to be left alone for a while. */
export class ProviderSilent extends Error {
  override readonly name = 'ProviderSilent'
  /** How long it wants to be left alone at least, in milliseconds. */
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs = 0) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}
