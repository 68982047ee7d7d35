import { parseArgs } from 'node:util'
import { answers } from './answers.mjs'
import { bytes } from './bytes.mjs'
import { growth } from './growth.mjs'
import { list } from './list.mjs'
import { page } from './page.mjs'
import { scale } from './scale.mjs'
import { start } from './start.mjs'
import { tableOf } from './table.mjs'
import { wakeUps } from './wake-ups.mjs'

/** What can be measured, by the name under which it can be asked for. Each resolves with the lines of one table. */
const benches = { start, list, growth, bytes, 'wake-ups': wakeUps, answers, page, scale }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    cell: { type: 'string', multiple: true, default: [] },
  },
})
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`There is no bench "${unknown.join('", "')}"; expected some of ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}

console.log(`Node ${process.version} on ${process.platform}-${process.arch}. How to read this: bench/README.md.`)
if (values.quick) console.log('--quick: shows that everything runs. The figures mean nothing.')

const missed = []
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const table = await benches[name](values)
  console.log(`\n${table.text ?? tableOf(table, values)}`)
  missed.push(...table.rows.filter(({ isMissed }) => isMissed).map(({ what }) => `${name}: ${what}`))
}

const verdict = missed.length === 0 ? 'Every target was met.' : `Targets missed: ${missed.join('; ')}.`
console.log(`\n${values.quick ? 'All of it ran.' : verdict}`)
