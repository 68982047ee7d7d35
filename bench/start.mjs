import { butlerTaskNames } from 'express-butler'
import { compareServers } from './server-process.mjs'

const requests = butlerTaskNames.map((name) => ({ method: 'POST', path: `/butler/${name}` }))

/** `POST /butler/:taskName`: what the router costs beside a route that does nothing, and what the usual validators cost. */
export async function start(options) {
  const subjects = [
    { what: 'a bare route', server: 'a bare route', requests },
    { what: 'through our router', server: 'our router', requests, atLeast: 0.95 },
    { what: 'a bare route in a mounted Router', server: 'a bare router', requests },
    { what: 'with the usual express-validator chain', server: 'express-validator', requests },
    { what: 'with express-openapi-validator', server: 'express-openapi-validator', requests },
  ]
  return {
    title: 'start: POST /butler/:taskName',
    reference: 'a bare route of Express that answers 200 with an empty body',
    rows: await compareServers(subjects, options),
  }
}
