import type { Decision, Reason } from '../engine/plan'

/** What the night that is open, or the next one, does with a task, and why. */
export interface Tonight {
  kind: Decision['kind']
  reason: Reason
  /** The reason for people. */
  sentence: string
}

/**
 * A decision as it is told of a night that has not opened yet: a plan is made as if its moment were now, and the random moment in
 * it is a sample, so neither may be told as a fact.
 */
export function foretold({ kind, reason, sentence }: Decision): Tonight {
  return { kind, reason, sentence: told[reason] ?? sentence }
}

const told: Partial<Record<Reason, string>> = {
  'inside-window': 'It is due, and starts when the window opens.',
  'random-instant': 'It is due, and gets a random moment of the window when that opens.',
}

/**
 * A decision of the night that is open. The plan of its opening has dealt with everything, so what a plan made now would start has
 * failed, or was stopped or taken off the schedule since. Nothing starts it by itself tonight.
 */
export function asDecided({ kind, reason, sentence }: Decision): Tonight {
  return { kind, reason, sentence: kind === 'skip' ? sentence : LEFT }
}

/** Its next night may not be the next one: it may have weekdays. */
const LEFT = 'Still due: it did not complete tonight. It waits for Start, or for its next night.'
