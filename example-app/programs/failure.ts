/** How programs tell that the disk is at fault they write to, and the system's code for that. */
const diskFaults = { ENOSPC: 'No space left on device', EDQUOT: 'Disk quota exceeded', EROFS: 'Read-only file system' }

/** A program ended otherwise than well. The message is the last thing it complained of. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed'
  /** What it complained of before, the latest first. */
  readonly earlier: readonly string[]
  /** What the system told it about the disk that it wrote to, as `fs` would have told us; absent: nothing. */
  readonly code?: string

  constructor(message: string, earlier: readonly string[] = []) {
    super(message)
    this.earlier = earlier
    const complaints = [message, ...earlier].join('\n')
    const fault = Object.entries(diskFaults).find(([, words]) => complaints.includes(words))
    if (fault) this.code = fault[0]
  }
}
