import { readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { cert, key } from './helpers/certificate'
import { somebody, usesOnly } from './helpers/npm-user'
import { aRegistry, closeRegistries, publishes, says } from './helpers/registry'
import { cleanUp } from './helpers/test-library'
import { until } from './helpers/until'

afterEach(async () => {
  await closeRegistries()
  await cleanUp()
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
