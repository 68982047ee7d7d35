import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { TaskFunction } from 'express-butler'
import type { Library } from '../library/library'
import { forgetLastAnswer, keepLastAnswer, type LastAnswer, readLastAnswer } from '../updates/last-answer'
import { newest } from '../updates/newest'
import { readNpmSettings } from '../updates/npm-settings'
import { type Answer, askRegistry, shownUrl } from '../updates/registry'
import { conclude } from './work-list'

const NAME = 'express-butler'

export interface Check {
  /** The version that runs. Default: what is installed when the server starts. */
  current?: string
  /** Where npm's settings are looked for. Default: the environment of the server. */
  env?: NodeJS.ProcessEnv
  /** Longest time for an answer, in milliseconds. Default: 20 000. */
  timeLimitMs?: number
}

/**
 * Asks the registry that npm is set up for whether there is a newer express-butler, and installs nothing. No network, no registry and
 * no such package are answers. Credentials, certificates and things that are no registry are for somebody to mend: the run fails.
 */
export function checkForUpdates({ folders }: Pick<Library, 'folders'>, check: Check = {}): TaskFunction {
  const { current = installed(), env = process.env, timeLimitMs } = check
  const file = join(folders.data, 'updates.json')
  return async (context) => {
    const { signal, progress } = context
    progress(0, "reading npm's settings")
    const npm = await readNpmSettings(env)
    const registry = shownUrl(npm.registry)
    const last = await readLastAnswer(file, registry, NAME)
    signal.throwIfAborted()

    progress(0.2, `asking ${registry} about ${NAME}`)
    const answer = await askRegistry(npm, { name: NAME, etag: last?.etag ?? null, signal, timeLimitMs })
    const known = knownAfter(answer, last, registry)
    await keep(file, last, known)

    const finding = find(answer, known, current)
    const changed = isDeepStrictEqual(known?.tags, last?.tags) ? 0 : 1
    const summary = `${changed} changed: ${finding.says}; ${NAME} ${current} is installed`
    const { status, latest, reason, howToUpdate } = finding
    return conclude(context, summary, { changed, status, current, latest, registry, reason, howToUpdate })
  }
}

function installed(): string {
  const { version } = JSON.parse(readFileSync(require.resolve(`${NAME}/package.json`), 'utf8')) as { version: string }
  return version
}

/** What we know now. Where nobody answers, what we knew. */
function knownAfter(answer: Answer, last: LastAnswer | null, registry: string): LastAnswer | null {
  if (answer.kind === 'published') return { registry, name: NAME, ...answer.published }
  return answer.kind === 'not-published' ? null : last
}

async function keep(file: string, last: LastAnswer | null, known: LastAnswer | null): Promise<void> {
  if (isDeepStrictEqual(known, last)) return
  if (known) await keepLastAnswer(file, known)
  else await forgetLastAnswer(file)
}

interface Finding {
  status: 'up-to-date' | 'update-available' | 'not-published' | 'offline' | 'registry-unavailable'
  /** What the registry calls the latest, as far as we know. */
  latest: string | null
  /** Why there is no answer. */
  reason: string | null
  howToUpdate: string | null
  says: string
}

function find(answer: Answer, known: LastAnswer | null, current: string): Finding {
  const finding = { latest: known?.tags.latest ?? null, reason: null, howToUpdate: null }
  if (answer.kind === 'not-published') {
    return { ...finding, status: 'not-published', says: 'the registry has no such package' }
  }
  if (answer.kind === 'away') {
    const { status, reason } = answer
    const says = status === 'offline' ? `offline, ${reason}` : `the registry is unavailable, ${reason}`
    return { ...finding, status, reason, says }
  }
  const version = newest(current, known?.tags ?? {})
  if (version === null) return { ...finding, status: 'up-to-date', says: 'nothing newer is published' }
  const howToUpdate = `npm install ${NAME}@${version}, then start the server again`
  return { ...finding, status: 'update-available', latest: version, howToUpdate, says: `${version} is available` }
}
