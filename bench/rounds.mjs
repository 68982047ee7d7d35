/**
 * Measures all subjects once a round, one after the other (A B A B …), so that whatever slows the machine down meets all of them.
 * A subject is a function that returns, or resolves with, one figure. Resolves with the figures of each, one a round.
 */
export async function inTurns(subjects, { quick }, rounds = 7) {
  const figures = subjects.map(() => [])
  for (let round = 0; round < (quick ? 2 : rounds); round += 1) {
    for (const [index, measure] of subjects.entries()) figures[index].push(await measure())
  }
  return figures
}

/** Each round's figure over the reference's of the same round. */
export function ratios(figures, reference) {
  return figures.map((figure, round) => figure / reference[round])
}

export function median(figures) {
  const sorted = figures.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * One line of a table. `figures` and `reference` hold a value for each round; `atLeast` or `atMost` is the target of the median
 * ratio, and without either the line is for information.
 */
export function row({ what, figures, reference, unit, atLeast, atMost, note = '' }) {
  const each = ratios(figures, reference)
  const ratio = median(each)
  const isMissed = ratio < (atLeast ?? Number.NEGATIVE_INFINITY) || ratio > (atMost ?? Number.POSITIVE_INFINITY)
  const target = atLeast !== undefined ? `≥ ${atLeast}` : atMost !== undefined ? `≤ ${atMost}` : ''
  return {
    what,
    figure: median(figures),
    unit,
    ratio,
    min: Math.min(...each),
    max: Math.max(...each),
    target,
    isMissed,
    note,
  }
}
