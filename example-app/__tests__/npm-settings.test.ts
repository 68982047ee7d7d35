import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { somebody, usesOnly } from './helpers/npm-user'
import { aRegistry, closeRegistries, publishes, says } from './helpers/registry'
import { cleanUp } from './helpers/test-library'

afterEach(async () => {
  await closeRegistries()
  await cleanUp()
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
