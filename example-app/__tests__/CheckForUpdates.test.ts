import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { foldersOf } from '../library/folders'
import { type Check, checkForUpdates } from '../tasks/CheckForUpdates'
import { cert, key } from './helpers/certificate'
import { LocalRegistry } from './helpers/registry'
import { stopOnce } from './helpers/stop'
import { aFolder, cleanUp } from './helpers/test-library'
import { runTask, type TestRunOptions } from './helpers/test-run'
import { until } from './helpers/until'

const registries: LocalRegistry[] = []

afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
  await cleanUp()
})

async function aRegistry(answer: RequestListener, secure?: { cert: string; key: string }): Promise<LocalRegistry> {
  const registry = await LocalRegistry.open(answer, secure)
  registries.push(registry)
  return registry
}

/** Answers as a registry does where the package has these tags, and knows its own ETag again. */
function publishes(tags: Record<string, unknown>, etag?: string): RequestListener {
  return (request, response) => {
    if (etag) response.setHeader('ETag', etag)
    if (etag && request.headers['if-none-match'] === etag) response.writeHead(304).end()
    else response.writeHead(200).end(JSON.stringify({ name: 'express-butler', 'dist-tags': tags }))
  }
}

const says =
  (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body)

/** Somebody with a home of their own, where npm finds only what a test puts there, and with a version of the package. */
async function somebody(npm: NodeJS.ProcessEnv, check: Check = {}) {
  const home = await aFolder()
  const folders = foldersOf(home, null)
  // A proxy of this machine's is not for 127.0.0.1.
  const env = { HOME: home, PREFIX: home, NO_PROXY: '127.0.0.1', ...npm }
  const task = checkForUpdates({ folders }, { current: '1.2.0', env, ...check })
  return {
    home,
    memory: join(folders.data, 'updates.json'),
    check: async (options?: TestRunOptions) => (await runTask(task, options)).result,
    run: (options?: TestRunOptions) => runTask(task, options),
  }
}

const usesOnly = ({ url }: LocalRegistry, more: NodeJS.ProcessEnv = {}) => ({ npm_config_registry: url, ...more })

describe('what it finds', () => {
  test('a newer version, and says how to get it', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }))
    const { run } = await somebody(usesOnly(registry))
    const { result, messages, fractions, log } = await run()
    expect(result).toEqual({
      summary: '1 changed: 1.3.0 is available; express-butler 1.2.0 is installed',
      changed: 1,
      status: 'update-available',
      current: '1.2.0',
      latest: '1.3.0',
      registry: registry.url,
      reason: null,
      howToUpdate: 'npm install express-butler@1.3.0, then start the server again',
    })
    expect(messages).toEqual(["reading npm's settings", `asking ${registry.url} about express-butler`, result.summary])
    expect(fractions).toEqual([0, 0.2, 1])
    expect(log).toEqual([result.summary])
    expect(registry.asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /express-butler'])
  })

  test('nothing newer', async () => {
    const registry = await aRegistry(publishes({ latest: '1.2.0' }))
    const { check } = await somebody(usesOnly(registry))
    expect(await check()).toMatchObject({ status: 'up-to-date', latest: '1.2.0', howToUpdate: null })
  })

  test('the version that is installed, when nobody says another', async () => {
    const registry = await aRegistry(publishes({ latest: '999.0.0' }))
    const { check } = await somebody(usesOnly(registry), { current: undefined })
    const { version } = JSON.parse(await readFile(join(__dirname, '../../package.json'), 'utf8'))
    expect(await check()).toMatchObject({ current: version, latest: '999.0.0' })
  })

  test('an answer that is packed, and one that has moved', async () => {
    const packed = gzipSync(JSON.stringify({ 'dist-tags': { latest: '1.3.0' } }))
    const registry = await aRegistry((request, response) => {
      if (request.url === '/express-butler') response.writeHead(302, { Location: '/elsewhere' }).end('moved')
      else response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed)
    })
    const { check } = await somebody(usesOnly(registry))
    expect(await check()).toMatchObject({ status: 'update-available', latest: '1.3.0' })
    expect(registry.asked).toHaveLength(2)
  })
})

describe('from one night to the next', () => {
  test('an unchanged registry answers 304, and nothing has changed', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }, '"one"'))
    const { check, memory } = await somebody(usesOnly(registry))
    expect(await check()).toMatchObject({ changed: 1 })
    const kept = await readFile(memory, 'utf8')
    const second = await check()
    expect(second).toMatchObject({ changed: 0, status: 'update-available', latest: '1.3.0' })
    expect(second.summary).toMatch(/^0 changed/)
    expect(registry.asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"one"'])
    expect(await readFile(memory, 'utf8')).toBe(kept)

    registry.answer = publishes({ latest: '1.4.0' }, '"two"')
    expect(await check()).toMatchObject({ changed: 1, latest: '1.4.0' })
    expect(await check()).toMatchObject({ changed: 0, latest: '1.4.0' })
    expect(registry.asked.at(-1)?.headers['if-none-match']).toBe('"two"')
  })

  test('a registry without ETags is read whole each time, and nothing has changed', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }))
    const { check } = await somebody(usesOnly(registry))
    expect(await check()).toMatchObject({ changed: 1 })
    expect(await check()).toMatchObject({ changed: 0, latest: '1.3.0' })
    expect(registry.asked[1]?.headers).not.toHaveProperty('if-none-match')
  })

  test('another registry is not asked about the ETag of the first', async () => {
    const first = await aRegistry(publishes({ latest: '1.3.0' }, '"one"'))
    const second = await aRegistry(publishes({ latest: '1.2.0' }, '"one"'))
    const { check, home } = await somebody({})
    const run = async ({ url }: LocalRegistry) => {
      await writeFile(join(home, '.npmrc'), `registry=${url}`)
      return check()
    }
    await run(first)
    expect(await run(second)).toMatchObject({ changed: 1, latest: '1.2.0', registry: second.url })
    expect(second.asked[0]?.headers).not.toHaveProperty('if-none-match')
  })

  test.each(['', '{', 'null', '{"tags":3}', '[]'])('a memory that holds %j is no memory', async (text) => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }, '"one"'))
    const { check, memory } = await somebody(usesOnly(registry))
    await writeFile(memory, text)
    expect(await check()).toMatchObject({ changed: 1, latest: '1.3.0' })
    expect(await check()).toMatchObject({ changed: 0 })
  })

  test('a package that was taken back is forgotten', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }, '"one"'))
    const { check } = await somebody(usesOnly(registry))
    await check()
    registry.answer = says(404, '{"error":"Not found"}')
    expect(await check()).toMatchObject({ changed: 1, status: 'not-published', latest: null })
    expect(await check()).toMatchObject({ changed: 0, status: 'not-published' })
    expect(registry.asked[2]?.headers).not.toHaveProperty('if-none-match')
  })

  test('an ETag that could not be sent back is not kept', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }, 'no quotes'))
    const { check } = await somebody(usesOnly(registry))
    await check()
    expect(await check()).toMatchObject({ changed: 0, latest: '1.3.0' })
    expect(registry.asked[1]?.headers).not.toHaveProperty('if-none-match')
  })
})

describe('completes and says so where nobody here can mend it', () => {
  const cut: RequestListener = (_request, response) => {
    response.writeHead(200, { 'Content-Length': '1000' })
    response.write('{"dist-tags":', () => response.destroy())
  }
  const cutAtOnce: RequestListener = (request) => void request.socket.destroy()

  test.each<[string, RequestListener, string, RegExp]>([
    ['cut off at once', cutAtOnce, 'offline', /^the connection was cut/],
    ['cut off in the middle', cut, 'offline', /^the connection was cut/],
    ['500', says(500, 'oops'), 'registry-unavailable', /^it answered with 500$/],
    ['503', says(503, '<html>'), 'registry-unavailable', /503/],
    ['429', says(429), 'registry-unavailable', /429/],
  ])('%s', async (_, answer, status, reason) => {
    const registry = await aRegistry(answer)
    const { check } = await somebody(usesOnly(registry))
    expect(await check()).toMatchObject({ changed: 0, status, reason: expect.stringMatching(reason) })
  })

  test('nobody listens, and what was known is still known', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }, '"one"'))
    const { check } = await somebody(usesOnly(registry))
    await check()
    await registry.close()
    const result = await check()
    expect(result).toMatchObject({ changed: 0, status: 'offline', latest: '1.3.0', howToUpdate: null })
    expect(result.summary).toMatch(/^0 changed: offline, nobody listens there \(ECONNREFUSED\)/)
  })

  test('a name that is not known', async () => {
    const { check } = await somebody({ npm_config_registry: 'http://no-such-registry.invalid/' })
    expect(await check()).toMatchObject({ status: 'offline', reason: expect.stringMatching(/name/) })
  })

  test('npm is told to be offline', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }))
    const { check } = await somebody(usesOnly(registry, { npm_config_offline: 'true' }))
    expect(await check()).toMatchObject({ status: 'offline', reason: 'npm is set to be offline' })
    expect(registry.asked).toEqual([])
  })

  test.each<[string, RequestListener]>([
    ['says nothing', () => {}],
    ['stops in the middle', (_request, response) => void response.writeHead(200).write('{"dist-tags":')],
  ])('a registry that %s', async (_, answer) => {
    const registry = await aRegistry(answer)
    const { check } = await somebody(usesOnly(registry), { timeLimitMs: 100 })
    expect(await check()).toMatchObject({ status: 'offline', reason: 'no answer within 100 ms' })
  })
})

describe('fails and says what to mend', () => {
  const huge = Buffer.alloc(9 * 1024 * 1024, ' ')

  test.each<[string, RequestListener, RegExp]>([
    ['no credentials', says(401, 'who are you'), /wants other credentials .*\(401\): npm login --registry=http:/],
    ['wrong credentials', says(403, gzipSync(huge).toString()), /\(403\): npm login/],
    ['a page', says(200, '<html>sign in</html>'), /not JSON; is there a proxy or a page to sign in between/],
    ['nothing', says(200), /not JSON/],
    ['null', says(200, 'null'), /names no latest version/],
    ['a list', says(200, '[1]'), /names no latest version/],
    ['no tags', says(200, '{}'), /names no latest version/],
    ['tags that are none', says(200, '{"dist-tags":7}'), /names no latest version/],
    ['a latest that is no version', publishes({ latest: 'newest' }), /names no latest version/],
    ['a latest that is a number', publishes({ latest: 2 }), /names no latest version/],
    ['too much', (_request, response) => void response.writeHead(200).end(huge), /more than 8388608 bytes/],
    [
      'too much, once unpacked',
      (_request, response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(huge)),
      /more than 8388608 bytes/,
    ],
    [
      'an error that is packed and never ends',
      (_request, response) => void response.writeHead(418, { 'Content-Encoding': 'gzip' }).write(gzipSync(huge)),
      /answered with 418/,
    ],
    ['not packed as it says', says(200, 'plain', { 'Content-Encoding': 'gzip' }), /not JSON/],
    ['304 without a question', says(304), /answered with 304/],
    ['no more', says(410), /answered with 410/],
    ['a proxy that wants credentials', says(407), /proxy that wants credentials/],
    ['a redirect to itself', says(302, '', { Location: '/express-butler' }), /redirected more than 5 times/],
    ['a redirect to nowhere', says(302), /redirected to nowhere/],
    ['a redirect to a file', says(302, '', { Location: 'file:///etc/passwd' }), /redirected to file:/],
  ])('%s', async (_, answer, message) => {
    const registry = await aRegistry(answer)
    const { check, memory } = await somebody(usesOnly(registry), { timeLimitMs: 3_600_000 })
    await expect(check()).rejects.toThrow(message)
    await expect(readFile(memory)).rejects.toThrow('ENOENT')
    await until(() => registry.connections === 0, new Promise(() => {}))
  })

  test('what does not speak HTTP', async () => {
    const registry = await aRegistry((request) => void request.socket.end('SSH-2.0-OpenSSH\r\n'))
    const { check } = await somebody(usesOnly(registry))
    await expect(check()).rejects.toThrow(/cannot be asked \(HPE_.*\); check npm config get registry/)
  })

  test('a registry that does not speak TLS', async () => {
    const registry = await aRegistry(says(200))
    const { check } = await somebody({ npm_config_registry: `https://${registry.host}/` })
    await expect(check()).rejects.toThrow(/cannot be asked \(\w+\); check npm config get registry/)
  })

  test('a certificate that nobody vouches for, until npm is told of it', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }), { cert, key })
    const { check, home } = await somebody(usesOnly(registry))
    await expect(check()).rejects.toThrow(/vouches for \(DEPTH_ZERO_SELF_SIGNED_CERT\).*npm config set cafile/)
    await writeFile(join(home, 'ours.pem'), cert)
    await writeFile(join(home, '.npmrc'), `cafile=${join(home, 'ours.pem')}`)
    expect(await check()).toMatchObject({ latest: '1.3.0', registry: registry.url })
  })

  test('a redirect from https to http', async () => {
    const plain = await aRegistry(publishes({ latest: '1.3.0' }))
    const registry = await aRegistry(says(301, '', { Location: plain.url }), { cert, key })
    const { check } = await somebody(usesOnly(registry, { npm_config_strict_ssl: 'false' }))
    await expect(check()).rejects.toThrow('redirected to http:, which is less safe')
    expect(plain.asked).toEqual([])
  })
})

describe('asks as npm would', () => {
  const published = publishes({ latest: '1.3.0' })

  test("the registry of the user's .npmrc, with its token, which nobody else sees", async () => {
    const registry = await aRegistry(published)
    const { check, home } = await somebody({})
    const lines = [`registry=${registry.url}npm/`, `//${registry.host}/npm/:_authToken=secret-token`]
    await writeFile(join(home, '.npmrc'), lines.join('\n'))
    const result = await check()
    expect(result).toMatchObject({ latest: '1.3.0', registry: `${registry.url}npm/` })
    expect(registry.asked[0]?.url).toBe('/npm/express-butler')
    expect(registry.asked[0]?.headers.authorization).toBe('Bearer secret-token')
    expect(JSON.stringify(result)).not.toContain('secret')
  })

  test('a token from a variable that .npmrc names, and a name with a password', async () => {
    const registry = await aRegistry(published)
    const token = await somebody(usesOnly(registry, { A_TOKEN: 'from-the-environment' }))
    await writeFile(join(token.home, '.npmrc'), `//${registry.host}/:_authToken=\${A_TOKEN}`)
    await token.check()
    const name = await somebody(usesOnly(registry))
    const password = Buffer.from('password').toString('base64')
    await writeFile(
      join(name.home, '.npmrc'),
      `//${registry.host}/:username=somebody\n//${registry.host}/:_password=${password}`,
    )
    await name.check()
    expect(registry.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer from-the-environment',
      `Basic ${Buffer.from('somebody:password').toString('base64')}`,
    ])
  })

  test('the global .npmrc, where the user has none', async () => {
    const registry = await aRegistry(published)
    const { check, home } = await somebody({})
    await mkdir(join(home, 'etc'))
    await writeFile(join(home, 'etc/npmrc'), `registry=${registry.url}`)
    expect(await check()).toMatchObject({ registry: registry.url })
  })

  test('a redirect to another registry does not take the token along', async () => {
    const other = await aRegistry(published)
    const registry = await aRegistry(says(307, '', { Location: `${other.url}express-butler` }))
    const { check, home } = await somebody(usesOnly(registry))
    await writeFile(join(home, '.npmrc'), `//${registry.host}/:_authToken=secret-token`)
    expect(await check()).toMatchObject({ latest: '1.3.0', registry: registry.url })
    expect(registry.asked[0]?.headers.authorization).toBe('Bearer secret-token')
    expect(other.asked[0]?.headers).not.toHaveProperty('authorization')
  })

  test('credentials inside the address are neither shown nor kept', async () => {
    const registry = await aRegistry(published)
    const url = `http://somebody:secret-word@${registry.host}/?secret=1`
    const { check, run, memory } = await somebody({ npm_config_registry: url })
    expect(await check()).toMatchObject({ registry: registry.url })
    expect(JSON.stringify(await run())).not.toContain('secret')
    expect(await readFile(memory, 'utf8')).not.toContain('secret')
    registry.answer = says(401)
    await expect(check()).rejects.toThrow(/^(?!.*secret)/)
  })

  test('through the proxy that npm is set to, but not where it is set not to', async () => {
    const proxy = await aRegistry(published)
    const { check } = await somebody({
      NO_PROXY: '',
      npm_config_noproxy: 'other.invalid',
      npm_config_registry: 'http://registry.invalid/',
      npm_config_proxy: proxy.url,
    })
    expect(await check()).toMatchObject({ latest: '1.3.0', registry: 'http://registry.invalid/' })
    expect(proxy.asked.map(({ url }) => url)).toEqual(['http://registry.invalid/express-butler'])
    const direct = await aRegistry(published)
    const unproxied = await somebody(usesOnly(direct, { npm_config_noproxy: '127.0.0.1', npm_config_proxy: proxy.url }))
    expect(await unproxied.check()).toMatchObject({ latest: '1.3.0' })
    expect(proxy.asked).toHaveLength(1)
  })
})

describe('a stop', () => {
  test.each<[string, RequestListener]>([
    ['says nothing', () => {}],
    ['stops in the middle', (_request, response) => void response.writeHead(200).write('{"dist-tags":')],
    [
      'stops in the middle of a packed answer',
      (_request, response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).write(gzipSync('{"a":')),
    ],
  ])('ends the wait for a registry that %s within a second, and hangs up', async (_, answer) => {
    const registry = await aRegistry(answer)
    const { run } = await somebody(usesOnly(registry))
    await stopOnce(
      () => registry.asked.length > 0,
      (signal) => run({ signal }),
    )
    await until(() => registry.connections === 0, new Promise(() => {}))
  })

  test('that came before asks nobody', async () => {
    const registry = await aRegistry(publishes({ latest: '1.3.0' }))
    const { check } = await somebody(usesOnly(registry))
    await expect(check({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
    expect(registry.asked).toEqual([])
  })
})
