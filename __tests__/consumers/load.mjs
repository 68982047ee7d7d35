import { createRequire } from 'node:module'

/** What loading an entry of the package says, in each of the two ways. */
const [entry] = process.argv.slice(2)
const told = ({ message, code }) => ({ message, code })
const loaded = ({ ...names }) => Object.keys(names)

const required = await Promise.resolve()
  .then(() => createRequire(import.meta.url)(entry))
  .then(loaded, told)
const imported = await import(entry).then(loaded, told)
console.log(JSON.stringify({ required, imported }))
