import { misfitsOf } from '../../lib/bullmq/redis-info'

/** What Redis answers to `INFO`, as far as it matters. */
const info = (version: string, policy: string) =>
  `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\n# Memory\r\nmaxmemory_policy:${policy}\r\n`

test.each([
  // version   policy          what is told
  ['7.0.15', 'noeviction', []],
  ['6.2.0', 'noeviction', []],
  ['10.0.1', 'noeviction', []],
  ['6.0.16', 'noeviction', ['Redis 6.0.16 is older']],
  ['5.0.7', 'noeviction', ['Redis 5.0.7 is older']],
  ['7.0.15', 'allkeys-lru', ['maxmemory-policy is allkeys-lru']],
  ['6.0.16', 'volatile-ttl', ['maxmemory-policy is volatile-ttl', 'Redis 6.0.16 is older']],
])('Redis %s with the policy %s: %j', (version, policy, told) => {
  expect(misfitsOf(info(version, policy)).map(({ message }) => message)).toEqual(
    told.map((part) => expect.stringContaining(part)),
  )
})

test('a Redis that tells neither is left in peace', () => {
  expect(misfitsOf('# Server\r\nos:Linux\r\n')).toEqual([])
})
