/** What the server refused, in its own words. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message @param {string | number} [code] */
  constructor(status, message, code) {
    super(message)
    this.status = status
    this.code = code
  }
}

/**
 * Asks the API beside this page. Rejects with a `Refusal`, also when the server cannot be reached (status 0).
 *
 * @param {string} line `GET api/board`
 * @param {{ body?: object, seen?: string }} [with] `seen`: the version of the settings that a change was made from
 * @returns {Promise<any>}
 */
export async function ask(line, { body, seen } = {}) {
  const [method, path = ''] = line.split(' ')
  const headers = {
    Accept: 'application/json',
    ...(body && { 'Content-Type': 'application/json' }),
    ...(seen !== undefined && { 'If-Match': `"${seen}"` }),
  }
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null)
  if (!answer) throw new Refusal(0, 'The server cannot be reached.')
  const data = await answer.json().catch(() => null)
  if (answer.ok && data !== null) return data
  const { message, code } = data?.errors?.[0] ?? {}
  throw new Refusal(answer.status, message ?? usual(answer), code)
}

/** @param {Response} answer */
function usual({ status, ok, redirected }) {
  if (status === 401 || redirected || ok) return 'You are no longer signed in. Load this page again.'
  return `The server answered ${status}, and said no more.`
}

/** @param {string} name */
export function taskPath(name) {
  return `api/tasks/${encodeURIComponent(name)}`
}
