import { mkdir, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readEnvironment } from '../server/environment'
import { aFolder, cleanUp } from './helpers/test-library'

afterEach(cleanUp)

test('nothing needs to be set', () => {
  expect(readEnvironment({})).toEqual({
    port: 3000,
    host: '127.0.0.1',
    token: null,
    dataDir: resolve('data'),
    mediaDir: null,
    window: {},
    redisUrl: null,
    postgresUrl: null,
  })
})

test('everything can be set', async () => {
  const media = await aFolder()
  const env = {
    PORT: '8080',
    HOST: '0.0.0.0',
    BUTLER_TOKEN: 's3cret',
    DATA_DIR: '/srv/data',
    MEDIA_DIR: media,
    BUTLER_WINDOW: '23:00-04:30',
    BUTLER_REDIS_URL: 'rediss://:secret@redis:6380',
  }
  expect(readEnvironment(env)).toEqual({
    port: 8080,
    host: '0.0.0.0',
    token: 's3cret',
    dataDir: '/srv/data',
    mediaDir: media,
    window: { opensAt: '23:00', closesAt: '04:30' },
    redisUrl: 'rediss://:secret@redis:6380',
    postgresUrl: null,
  })
})

test('an empty variable counts as not set', () => {
  const empty = { PORT: '', HOST: '', BUTLER_TOKEN: '', DATA_DIR: '', MEDIA_DIR: '', BUTLER_WINDOW: '' }
  expect(readEnvironment(empty)).toEqual(readEnvironment({}))
})

test('a relative folder is seen from where npm was called', async () => {
  const folder = await aFolder()
  expect(readEnvironment({ DATA_DIR: 'data', INIT_CWD: folder }).dataDir).toBe(join(folder, 'data'))
})

test.each([
  ['PORT', 'eighty'],
  ['PORT', '-1'],
  ['PORT', '65536'],
  ['PORT', '3000.5'],
  ['HOST', ' '],
  ['BUTLER_TOKEN', 'two words'],
  ['BUTLER_TOKEN', 'sécret'],
  ['MEDIA_DIR', '/nowhere/at/all'],
  ['MEDIA_DIR', __filename],
  ['BUTLER_WINDOW', 'at night'],
  ['BUTLER_REDIS_URL', 'localhost'],
  ['BUTLER_POSTGRES_URL', 'redis://localhost'],
  ['BUTLER_WINDOW', '2:00-5:00'],
  ['BUTLER_WINDOW', '25:00-05:00'],
  ['BUTLER_WINDOW', '02:00-05:60'],
])('%s=%j is refused, with what came and what was expected', (name, value) => {
  expect(() => readEnvironment({ [name]: value })).toThrow(`${name} is ${JSON.stringify(value)}; expected `)
})

test('all that is wrong is told at once', () => {
  expect(() => readEnvironment({ PORT: 'x', MEDIA_DIR: '/nowhere' })).toThrow(/^PORT .*\nMEDIA_DIR .*$/)
})

test('data do not belong among media that are only read', async () => {
  const media = await aFolder()
  expect(() => readEnvironment({ MEDIA_DIR: media, DATA_DIR: join(media, 'data') })).toThrow('inside of MEDIA_DIR')
  expect(() => readEnvironment({ MEDIA_DIR: '/', DATA_DIR: join(media, 'data') })).toThrow('inside of MEDIA_DIR')
})

test('nor do they where a link leads among media', async () => {
  const [media, elsewhere] = [await aFolder(), await aFolder()]
  await symlink(media, join(elsewhere, 'link'))
  const data = join(elsewhere, 'link', 'data')
  expect(() => readEnvironment({ MEDIA_DIR: media, DATA_DIR: data })).toThrow('inside of MEDIA_DIR')
  const other = join(media, 'data')
  expect(() => readEnvironment({ MEDIA_DIR: join(elsewhere, 'link'), DATA_DIR: other })).toThrow('inside of MEDIA_DIR')
})

test('media do not belong where the server removes files of its own', async () => {
  const data = await aFolder()
  for (const own of ['cache', 'metadata', 'backups']) {
    const media = join(data, own, 'films')
    await mkdir(media, { recursive: true })
    expect(() => readEnvironment({ MEDIA_DIR: media, DATA_DIR: data })).toThrow(`MEDIA_DIR is ${media}, where`)
  }
  const media = join(data, 'media')
  await mkdir(media)
  expect(readEnvironment({ MEDIA_DIR: media, DATA_DIR: data }).mediaDir).toBe(media)
})
