import { randomUUID } from 'node:crypto'

const MARK = 'start-'

/** How often one finds the job of the same start in a slot before one takes it oneself: that is after a sixth of a second. */
const SIGHTINGS = 4

/** The job of a start. Nothing is written of it before it is taken, so whoever takes it runs it; of a plan's jobs that does not hold. */
export function startJob(): string {
  return MARK + randomUUID()
}

/** How long the starts of others are left alone: whoever takes a slot begins at once, or has died. */
export class PatienceWithStarts {
  #job = ''
  #sightings = 0

  /** A job has the slot, and nothing is known of it. Answers whether it is to be taken. */
  endsWith(job: string): boolean {
    this.#sightings = job === this.#job ? this.#sightings + 1 : 1
    this.#job = job
    return job.startsWith(MARK) && this.#sightings >= SIGHTINGS
  }
}
