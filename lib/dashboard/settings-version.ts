import { createHash } from 'node:crypto'
import type { Butler } from '../butler'
import type { Settings, SettingsChange } from '../engine/settings'
import { ButlerError, shown } from '../errors'

/** Which settings they are: equal settings have equal versions, on every machine. */
export function versionOf({ window, enabled }: Settings): string {
  const told = [window.opensAt, window.closesAt, window.timeZone, Object.entries(enabled).sort()]
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 16)
}

/** The version as HTTP writes it. */
export function etagOf(settings: Settings): string {
  return `"${versionOf(settings)}"`
}

/** Changes settings for people who have seen them: one change after the other, and none that was made from older ones. */
export class SeenSettings {
  readonly #butler: Butler
  #last: Promise<unknown> = Promise.resolve()

  constructor(butler: Butler) {
    this.#butler = butler
  }

  /**
   * Rejects with `BUTLER_SETTINGS_UNSEEN` when nobody says what was seen, with `BUTLER_SETTINGS_CHANGED` when that is no longer what
   * holds, and with what `configure` rejects with.
   */
  change(change: unknown, seen: string | undefined): Promise<Settings> {
    const result = this.#last.then(() => this.#change(change, seen))
    this.#last = result.catch(() => {})
    return result
  }

  async #change(change: unknown, seen: string | undefined): Promise<Settings> {
    if (seen === undefined || seen === '*') {
      const message =
        seen === undefined
          ? 'If-Match is missing; take the ETag of GET api/settings.'
          : `If-Match is ${shown(seen)}; expected the ETag of the settings that the change was made from.`
      throw new ButlerError('BUTLER_SETTINGS_UNSEEN', message)
    }
    const settings = await this.#butler.settings()
    if (etagOf(settings) !== seen) {
      const { opensAt, closesAt, timeZone } = settings.window
      const message =
        'Somebody else has changed the settings meanwhile, and nothing was overwritten. ' +
        `The window is now ${opensAt} to ${closesAt}, ${timeZone}. Look at them, and change them again.`
      throw new ButlerError('BUTLER_SETTINGS_CHANGED', message)
    }
    return this.#butler.configure(change as SettingsChange)
  }
}
