import { resultOf } from './child.mjs'
import { row } from './rounds.mjs'

const names = { plan: 'plan()', schedule: 'startAll() that schedules', stop: 'stopAll() of what waits' }

/** What a task costs when there are a hundred, and when there are a hundred thousand. */
export async function growth(options) {
  const { sizes, costs } = await resultOf('growth-process.mjs', options, ['--expose-gc'])
  const rows = Object.keys(names).flatMap((operation) => {
    const [reference, ...others] = costs.map((rounds) => rounds.map((each) => each[operation]))
    return [reference, ...others].map((figures, index) =>
      row({
        what: `${names[operation]}, ${sizes[index].toLocaleString('en')} tasks`,
        figures,
        reference,
        unit: 'µs/task',
        ...(index === others.length && { atMost: 1.5 }),
      }),
    )
  })
  return { title: 'growth: what one of many tasks costs', reference: 'the same with a hundred tasks', rows }
}
