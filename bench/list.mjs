import { compareServers } from './server-process.mjs'

const asJson = [{ path: '/butler' }]
const asXml = [{ path: '/butler', headers: { accept: 'application/xml' } }]

/** `GET /butler` with 14 tasks: what the router costs beside an answer that is ready made. */
export async function list(options) {
  const subjects = [
    { what: 'res.json of the list', server: 'res.json', requests: asJson },
    { what: 'through our router', server: 'our router', requests: asJson, atLeast: 0.85 },
    { what: 'through our router, as XML', server: 'our router', requests: asXml },
    { what: 'through our router, from a Butler', server: 'a Butler', requests: asJson },
  ]
  return {
    title: 'list: GET /butler with 14 tasks',
    reference: 'res.json of the same data, ready made',
    rows: await compareServers(subjects, options),
  }
}
