import type { TaskFunction } from 'express-butler'
import type { Library } from '../library/library'
import { localProvider } from '../library/local-provider'
import { type MetadataProvider, ProviderSilent } from '../library/metadata-provider'
import { type Meter, MeteredProvider } from '../library/metered-provider'
import { forgetSilence, noteSilence, silenceOf } from '../library/silence'
import { followSubjects, noteFailed, noteRefreshed, type SubjectState } from '../library/subjects'
import { conclude, isOurs, type WorkContext, type WorkReport, workThrough } from './work-list'

/** Within how many days everybody has had a turn. */
const ROUND_DAYS = 30
const HOUR_MS = 60 * 60 * 1_000
/** Longest wait after failures, in milliseconds. */
const LONGEST_WAIT = 7 * 24 * HOUR_MS
/** How many calls in a row may fail to be answered before the provider is left alone. */
const MOST_SILENCES = 3

/**
 * Whom to ask about now: of those that have not failed, a thirtieth a day, first who has waited longest; whoever was tried today
 * counts, so a second run on the same day finds nobody. Besides them those who failed and whose time has come.
 */
export function planRefresh(subjects: readonly SubjectState[], now: Date): SubjectState[] {
  const share = Math.ceil(subjects.length / ROUND_DAYS)
  const today = dayOf(now)
  const wasTried = ({ triedAt }: SubjectState) => triedAt !== null && triedAt >= today.from && triedAt < today.to
  const left = Math.max(0, share - subjects.filter(wasTried).length)
  const turn = subjects.filter((subject) => subject.failures === 0 && !wasTried(subject))
  const retries = subjects.filter(({ retryAt }) => retryAt !== null && retryAt <= now.getTime())
  return [
    ...turn.sort((one, other) => (one.refreshedAt ?? 0) - (other.refreshedAt ?? 0)).slice(0, left),
    ...retries.sort((one, other) => (one.retryAt ?? 0) - (other.retryAt ?? 0)).slice(0, share),
  ]
}

/** By the local calendar, as an operator would count. In milliseconds since 1970. */
function dayOf(now: Date): { from: number; to: number } {
  const [year, month, date] = [now.getFullYear(), now.getMonth(), now.getDate()]
  return { from: new Date(year, month, date).getTime(), to: new Date(year, month, date + 1).getTime() }
}

/** How long to wait after so many failures in a row, in milliseconds: an hour, two, four, at most a week. */
export function waitAfter(failures: number): number {
  return Math.min(HOUR_MS * 2 ** (failures - 1), LONGEST_WAIT)
}

/**
 * Refreshes what is known of artists and shows, some each day. Who could not be refreshed is named, keeps what is known, and has
 * another turn later. A provider that does not answer ends the run, and is left alone for a while.
 */
export function refreshPeriodicMetadata(
  library: Library,
  provider: MetadataProvider = localProvider(library),
  meter?: Meter,
): TaskFunction {
  return async (context) => {
    context.signal.throwIfAborted()
    const { database, now } = library
    const { subjects, forgotten } = await followSubjects(database, context.signal)
    const silence = silenceOf(database, provider.name)
    const isSilent = silence !== undefined && silence.retryAt > now().getTime()
    const due = isSilent ? [] : planRefresh(subjects, now())
    const { postponed, ...report } = await askAbout(library, context, due, { provider, meter })
    const until = silenceOf(database, provider.name)?.retryAt
    const counts = { changed: report.changed + forgotten, unchanged: report.unchanged, failed: report.failed }
    const told = `${counts.changed} changed, ${counts.unchanged} unchanged, ${counts.failed} failed`
    const rest = `${subjects.length - due.length + postponed} of ${subjects.length} not due or postponed`
    const end =
      until === undefined
        ? ''
        : `; ${provider.name} does not answer, asked again after ${new Date(until).toISOString()}`
    const summary = `${told}, ${rest}${end}`
    return conclude(context, summary, {
      ...report,
      ...counts,
      forgotten,
      postponed,
      providerAnswers: until === undefined,
    })
  }
}

interface Asked {
  provider: MetadataProvider
  meter: Meter | undefined
}

async function askAbout(
  library: Library,
  context: WorkContext,
  due: readonly SubjectState[],
  { provider, meter }: Asked,
): Promise<WorkReport & { postponed: number }> {
  const { database, now } = library
  const { signal } = context
  const metered = new MeteredProvider(provider, meter)
  let [silences, postponed] = [0, 0]
  const report = await workThrough(context, due, {
    nameOf: ({ name }) => name,
    work: async (subject) => {
      if (silences >= MOST_SILENCES) {
        postponed += 1
        return false
      }
      try {
        const metadata = await metered.fetch(subject, signal)
        silences = 0
        await forgetSilence(database, signal, provider.name)
        return await noteRefreshed(database, signal, subject, metadata, now().getTime())
      } catch (error) {
        signal.throwIfAborted()
        if (isOurs(error)) throw error
        silences = error instanceof ProviderSilent ? silences + 1 : 0
        await postpone(library, signal, subject, error)
        if (silences === MOST_SILENCES) await leaveAlone(library, signal, provider, error)
        throw error
      }
    },
  })
  return { ...report, unchanged: report.unchanged - postponed, postponed }
}

async function postpone({ database, now }: Library, signal: AbortSignal, subject: SubjectState, error: unknown) {
  const at = now().getTime()
  await noteFailed(database, signal, subject, at, at + waitFor(subject.failures + 1, error))
}

async function leaveAlone({ database, now }: Library, signal: AbortSignal, { name }: MetadataProvider, error: unknown) {
  const failures = (silenceOf(database, name)?.failures ?? 0) + 1
  await noteSilence(database, signal, name, { failures, retryAt: now().getTime() + waitFor(failures, error) })
}

/** At least as long as the provider asked for. */
function waitFor(failures: number, error: unknown): number {
  return Math.max(waitAfter(failures), error instanceof ProviderSilent ? error.retryAfterMs : 0)
}
