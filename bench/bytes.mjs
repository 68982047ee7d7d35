import { resultOf } from './child.mjs'
import { row } from './rounds.mjs'

/** What a scheduled task keeps in memory. */
export async function bytes(options) {
  const { timers, alone, remembered } = await resultOf('bytes-process.mjs', options, ['--expose-gc'])
  const rowOf = (what, figures) => row({ what, figures, reference: timers, unit: 'bytes' })
  return {
    title: 'bytes: what one of many scheduled tasks keeps in memory',
    reference: 'one setTimeout for each',
    rows: [
      rowOf('one setTimeout for each', timers),
      rowOf('scheduled by a Butler', alone),
      rowOf('the same, with the copy that memoryStore() keeps', remembered),
    ],
  }
}
