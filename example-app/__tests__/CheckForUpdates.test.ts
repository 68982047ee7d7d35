import { readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { somebody, usesOnly } from './helpers/npm-user'
import { aRegistry, closeRegistries, type LocalRegistry, publishes, says } from './helpers/registry'
import { stopOnce } from './helpers/stop'
import { cleanUp } from './helpers/test-library'
import { until } from './helpers/until'

afterEach(async () => {
  await closeRegistries()
  await cleanUp()
})

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
