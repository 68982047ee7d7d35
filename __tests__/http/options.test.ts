import express, { type NextFunction, type Request, type Response } from 'express'
import request from 'supertest'
import { createButlerDashboard } from '../../lib/dashboard'
import { refuseOtherOrigins } from '../../lib/http/other-origins'
import { createButlerRouter } from '../../lib/http/router'
import type { ButlerRouterOptions } from '../../lib/http/router-options'
import { fakeClock } from '../../lib/testing/fake-clock'
import { aRegistry } from '../helpers/http'

const make = (options: unknown) => () => createButlerRouter(options as ButlerRouterOptions)

/** Options that hold, but for those given. */
const but = (options: object) => ({ registry: aRegistry(), ...options })

const registryBut = (members: object) => ({ registry: { ...aRegistry(), ...members } })

const noName = 'expected a letter, then at most 63 letters, digits, "_", "." or "-"'
const reserved = 'expected another name, because this word is reserved'
const noOrigin = 'expected an origin, scheme and host without a path, such as "https://admin.example.com"'
const noRegistry = 'expected an object with the functions list, start, stop, startAll, stopAll: a Butler, or your own'

test.each<[unknown, string]>([
  // options                                    what the developer reads
  [undefined, 'createButlerRouter(options) is undefined; expected an object with registry, taskNames'],
  [null, 'createButlerRouter(options) is null; expected an object with registry'],
  [[], 'createButlerRouter(options) is []; expected an object with registry'],
  [aRegistry, 'createButlerRouter(options) is a function; expected an object with registry'],
  [
    aRegistry(),
    'createButlerRouter(options) is a task registry; expected options that have it: createButlerRouter({ registry })',
  ],
  [
    { tasknames: [] },
    'createButlerRouter(options) has "tasknames", which nothing reads; expected only registry, taskNames',
  ],
  [but({ timeout: 5 }), 'createButlerRouter(options) has "timeout", which nothing reads'],
  [{}, `createButlerRouter(options).registry is undefined; ${noRegistry}`],
  [{ registry: null }, `createButlerRouter(options).registry is null; ${noRegistry}`],
  [{ registry: 'butler' }, `createButlerRouter(options).registry is "butler"; ${noRegistry}`],
  [{ registry: aRegistry }, `createButlerRouter(options).registry is a function; ${noRegistry}`],
  [
    { registry: [] },
    'createButlerRouter(options).registry.list is undefined; expected a function that returns a promise',
  ],
  ...['list', 'start', 'stop', 'startAll', 'stopAll'].flatMap((member): [unknown, string][] => [
    [
      registryBut({ [member]: undefined }),
      `createButlerRouter(options).registry.${member} is undefined; expected a function that returns a promise`,
    ],
    [
      registryBut({ [member]: 'soon' }),
      `createButlerRouter(options).registry.${member} is "soon"; expected a function that returns a promise`,
    ],
  ]),
  [but({ taskNames: null }), 'createButlerRouter(options).taskNames is null; expected an array of task names'],
  [
    but({ taskNames: 'BackupDatabase' }),
    'createButlerRouter(options).taskNames is "BackupDatabase"; expected an array of task names',
  ],
  [
    but({ taskNames: new Set(['a']) }),
    'createButlerRouter(options).taskNames is a Set; expected an array of task names',
  ],
  [but({ taskNames: { a: 1 } }), 'createButlerRouter(options).taskNames is {"a":1}; expected an array of task names'],
  [but({ taskNames: [7] }), `createButlerRouter(options).taskNames[0] is 7; ${noName}`],
  [but({ taskNames: [undefined] }), `createButlerRouter(options).taskNames[0] is undefined; ${noName}`],
  [but({ taskNames: ['a', ''] }), `createButlerRouter(options).taskNames[1] is ""; ${noName}`],
  [but({ taskNames: ['a b'] }), `createButlerRouter(options).taskNames[0] is "a b"; ${noName}`],
  [but({ taskNames: ['1st'] }), `createButlerRouter(options).taskNames[0] is "1st"; ${noName}`],
  [but({ taskNames: ['a/b'] }), `createButlerRouter(options).taskNames[0] is "a/b"; ${noName}`],
  [but({ taskNames: ['..'] }), `createButlerRouter(options).taskNames[0] is ".."; ${noName}`],
  [but({ taskNames: ['Müll'] }), `createButlerRouter(options).taskNames[0] is "Müll"; ${noName}`],
  [but({ taskNames: ['a\n'] }), `createButlerRouter(options).taskNames[0] is "a\\n"; ${noName}`],
  [but({ taskNames: ['x'.repeat(65)] }), `createButlerRouter(options).taskNames[0] is "${'x'.repeat(65)}"; ${noName}`],
  [but({ taskNames: ['__proto__'] }), `createButlerRouter(options).taskNames[0] is "__proto__"; ${noName}`],
  [but({ taskNames: ['constructor'] }), `createButlerRouter(options).taskNames[0] is "constructor"; ${reserved}`],
  [but({ taskNames: ['toString'] }), `createButlerRouter(options).taskNames[0] is "toString"; ${reserved}`],
  [but({ taskNames: ['openapi.json'] }), `createButlerRouter(options).taskNames[0] is "openapi.json"; ${reserved}`],
  [but({ taskNames: ['OpenAPI.JSON'] }), `createButlerRouter(options).taskNames[0] is "OpenAPI.JSON"; ${reserved}`],
  [but({ taskNames: ['a', 'b', 'a'] }), 'createButlerRouter(options).taskNames[2] is "a"; expected each name once'],
  [
    registryBut({ taskNames: 'a' }),
    'createButlerRouter(options).registry.taskNames is "a"; expected an array of task names',
  ],
  [registryBut({ taskNames: ['a b'] }), `createButlerRouter(options).registry.taskNames[0] is "a b"; ${noName}`],
  [
    registryBut({ taskNames: ['a', 'a'] }),
    'createButlerRouter(options).registry.taskNames[1] is "a"; expected each name once',
  ],
  ...['AutomaticUpdates', 7, true, null, [], ['CheckForUpdates']].map((aliases): [unknown, string] => [
    but({ aliases }),
    `createButlerRouter(options).aliases is ${JSON.stringify(aliases)}; expected an object of task names by other name, such as { AutomaticUpdates: "CheckForUpdates" }`,
  ]),
  [but({ aliases: { '': 'CheckForUpdates' } }), `a name in createButlerRouter(options).aliases is ""; ${noName}`],
  [but({ aliases: { 'a b': 'CheckForUpdates' } }), `a name in createButlerRouter(options).aliases is "a b"; ${noName}`],
  [
    but({ aliases: { 'openapi.json': 'CheckForUpdates' } }),
    `a name in createButlerRouter(options).aliases is "openapi.json"; ${reserved}`,
  ],
  [
    but({ aliases: { toString: 'CheckForUpdates' } }),
    `a name in createButlerRouter(options).aliases is "toString"; ${reserved}`,
  ],
  [
    but({ aliases: { BackupDatabase: 'CheckForUpdates' } }),
    'a name in createButlerRouter(options).aliases is "BackupDatabase"; expected a name that is not a task itself',
  ],
  [
    but({ taskNames: ['CheckForUpdates'], aliases: { Save: 'BackupDatabase' } }),
    'createButlerRouter(options).aliases.Save is "BackupDatabase"; expected one of CheckForUpdates.',
  ],
  [
    but({ taskNames: ['A'], aliases: { B: 'A', C: 'B' } }),
    'createButlerRouter(options).aliases.C is "B"; expected one of A.',
  ],
  [
    but({ aliases: { Save: undefined } }),
    'createButlerRouter(options).aliases.Save is undefined; expected one of BackupDatabase, ',
  ],
  [
    but({ aliases: { Save: ['BackupDatabase'] } }),
    'createButlerRouter(options).aliases.Save is ["BackupDatabase"]; expected one of ',
  ],
  [but({ unknownTaskStatus: 200 }), 'createButlerRouter(options).unknownTaskStatus is 200; expected 400 or 404'],
  [but({ unknownTaskStatus: '404' }), 'createButlerRouter(options).unknownTaskStatus is "404"; expected 400 or 404'],
  [but({ unknownTaskStatus: null }), 'createButlerRouter(options).unknownTaskStatus is null; expected 400 or 404'],
  [but({ by: 'ada' }), 'createButlerRouter(options).by is "ada"; expected a function such as (req) => req.user?.name'],
  [but({ by: null }), 'createButlerRouter(options).by is null; expected a function such as (req) => req.user?.name'],
  ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5000', true, {}].map((registryTimeoutMs): [unknown, string] => [
    but({ registryTimeoutMs }),
    `createButlerRouter(options).registryTimeoutMs is ${typeof registryTimeoutMs === 'number' ? registryTimeoutMs : JSON.stringify(registryTimeoutMs)}; expected milliseconds, more than 0, or null for no limit`,
  ]),
  [
    but({ clock: null }),
    'createButlerRouter(options).clock is null; expected an object with now, callAt and callAfter',
  ],
  [but({ clock: {} }), 'createButlerRouter(options).clock is {}; expected an object with now, callAt and callAfter'],
  [
    but({ clock: Date }),
    'createButlerRouter(options).clock is a function; expected an object with now, callAt and callAfter',
  ],
  [
    but({ allowedOrigins: 'https://a.example' }),
    'createButlerRouter(options).allowedOrigins is "https://a.example"; expected an array such as ["https://admin.example.com"]',
  ],
  [
    but({ allowedOrigins: ['*'] }),
    'createButlerRouter(options).allowedOrigins[0] is "*"; expected the origins by name: "*" would let every site on the internet act here',
  ],
  [
    but({ allowedOrigins: ['https://a.example', 7] }),
    `createButlerRouter(options).allowedOrigins[1] is 7; ${noOrigin}`,
  ],
  ...[
    '',
    'null',
    'a.example',
    '//a.example',
    'https://a.example/',
    'https://a.example/x',
    'https://A.example',
    'https://a.example:443',
    'https://*.a.example/',
    'https://ada@a.example',
    'file://',
    'about:blank',
  ].map((origin): [unknown, string] => [
    but({ allowedOrigins: [origin] }),
    `createButlerRouter(options).allowedOrigins[0] is ${JSON.stringify(origin)}; ${noOrigin}`,
  ]),
])('%p is refused when the router is made', (options, message) => {
  expect(make(options)).toThrow(
    expect.objectContaining({
      name: 'ButlerError',
      code: 'BUTLER_INVALID_OPTIONS',
      message: expect.stringContaining(message),
    }),
  )
})

test.each([createButlerRouter, createButlerDashboard, refuseOtherOrigins])(
  '%p that is mounted without having been called says so',
  async (make) => {
    const app = express().use('/butler', make as never)
    app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => void res.json(String(error)))
    const { body } = await request(app).get('/butler')
    expect(body).toMatch(
      new RegExp(
        `^ButlerError: ${make.name}\\(.*\\) is a request; expected to be called .* app\\.use\\(${make.name}\\(`,
      ),
    )
  },
)

test.each<[unknown]>([
  [but({})],
  [but({ taskNames: undefined, unknownTaskStatus: undefined, allowedOrigins: undefined, by: undefined })],
  [but({ registryTimeoutMs: undefined, clock: undefined })],
  [registryBut({ taskNames: undefined })],
  [but({ aliases: undefined })],
  [but({ aliases: {} })],
  [but({ aliases: { AutomaticUpdates: 'CheckForUpdates', Updates: 'CheckForUpdates' } })],
  [but({ taskNames: [] })],
  [but({ taskNames: ['BackupDatabase', 'a', 'a.b-c_9', 'x'.repeat(64)] })],
  [but({ unknownTaskStatus: 404, registryTimeoutMs: 0.5, by: () => 'ada', clock: fakeClock() })],
  [but({ registryTimeoutMs: null })],
  [
    but({
      allowedOrigins: [
        'https://a.example',
        'http://localhost:3000',
        'http://[::1]:8080',
        'https://xn--bcher-kva.example',
      ],
    }),
  ],
  [
    {
      registry: new (class Own {
        async list() {
          return []
        }
        async start() {
          return 'started'
        }
        async stop() {
          return 'stopped'
        }
        async startAll() {}
        async stopAll() {}
      })(),
    },
  ],
])('%p holds', (options) => {
  expect(make(options)).not.toThrow()
})

test('what is refused is not read: a registry is not asked for anything when a router is made', () => {
  const registry = aRegistry()
  createButlerRouter({ registry })
  for (const member of Object.values(registry)) expect(member).not.toHaveBeenCalled()
})
