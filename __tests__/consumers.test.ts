import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installConsumer, type Packed, packPackage, run } from './helpers/consumer'

const TSC = require.resolve('typescript/bin/tsc')
const JEST = require.resolve('jest/bin/jest')

/** What every program prints in the end, whatever it is written in. */
const seen = { statuses: [200, 202, 200, 400], listed: ['BackupDatabase', 'SendReport'], known: [14, true] }

/** As `tsc --init` makes it. */
const usual = { target: 'es2022', strict: true, types: ['node'], skipLibCheck: true }
const nodenext = { ...usual, module: 'nodenext', outDir: 'out' }
/** As somebody has it who does not take the types of packages on trust. */
const distrustful = { ...usual, skipLibCheck: false, noEmit: true }
const bundler = { ...distrustful, module: 'esnext', moduleResolution: 'bundler' }
const node10 = {
  ...distrustful,
  module: 'commonjs',
  moduleResolution: 'node10',
  ignoreDeprecations: '6.0',
  esModuleInterop: true,
}

jest.setTimeout(60_000)

let folder: string
let packed: Packed

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'butler-consumers-'))
  packed = packPackage(folder)
})

afterAll(() => rmSync(folder, { recursive: true }))

test('the package holds what is built, its papers, and nothing else', () => {
  const papers = packed.files.filter(
    (file) => !/^dist\/([\w/-]+(\.d\.ts|\.js)|dashboard\/built-page\/[\w-]+\.(mjs|css|svg|html))$/.test(file),
  )
  expect(papers.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  expect(packed.files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/testing.js']))
  expect(packed.files).toEqual(expect.arrayContaining(['dist/dashboard.d.ts', 'dist/dashboard/built-page/index.html']))
})

describe.each([4, 5] as const)('on Express %s', (express) => {
  test.each([
    ['in CommonJS', 'commonjs.js', 'commonjs'],
    ['as ES modules', 'esm.mjs', 'module'],
  ] as const)('a server in JavaScript runs, %s', (_, program, type) => {
    const home = installConsumer(folder, packed, { program: [program, 'index.js'], type, express })
    expect(JSON.parse(run('index.js', [], home))).toEqual(seen)
    expect(readdirSync(home)).toContain('butler.json')
  })

  test.each([
    ['in CommonJS', 'commonjs'],
    ['as ES modules', 'module'],
  ] as const)('a server in TypeScript compiles under strict rules and runs, %s', (_, type) => {
    const program = ['typescript.ts', 'index.ts'] as const
    const home = installConsumer(folder, packed, { program, type, express, compilerOptions: nodenext })
    run(TSC, [], home)
    expect(JSON.parse(run('out/index.js', [], home))).toEqual(seen)
  })

  test('a Jest without any settings runs the tests of a host', () => {
    const program = ['butler.test.js', 'butler.test.js'] as const
    const home = installConsumer(folder, packed, { program, type: 'commonjs', express, uses: ['supertest'] })
    expect(JSON.parse(run(JEST, ['--json', '--silent'], home))).toMatchObject({ success: true, numPassedTests: 3 })
  })
})

test.each([
  ['by bundlers', 20, 'module', 5, bundler],
  ['by bundlers', 26, 'module', 5, bundler],
  ['as Node 10 did', 20, 'commonjs', 4, node10],
  ['as Node 10 did', 26, 'commonjs', 4, node10],
] as const)(
  'a compiler that trusts no types finds ours in order, looking for them %s and having those of Node %s',
  (_, nodeTypes, type, express, compilerOptions) => {
    const program = ['types.ts', 'index.ts'] as const
    const uses = ['prom-client', '@opentelemetry/api']
    const home = installConsumer(folder, packed, { program, type, express, compilerOptions, uses, nodeTypes })
    expect(run(TSC, [], home)).toBe('')
  },
)

describe.each([
  ['express-butler/bullmq', 'bullmq', 'bullmq ioredis (on PostgreSQL: bullmq pg)'],
  ['express-butler/metrics', 'prom-client', 'prom-client'],
  ['express-butler/opentelemetry', '@opentelemetry/api', '@opentelemetry/api'],
])('%s where %s is not installed', (entry, peer, install) => {
  test.each(['commonjs', 'module'] as const)('says what to install, in a package of the type %s', (type) => {
    const home = installConsumer(folder, packed, { program: ['load.mjs', 'index.mjs'], type, express: 5 })
    const message = `${entry} needs the package ${peer}, which is not installed: npm install ${install}`
    const refusal = { message, code: 'MODULE_NOT_FOUND' }
    expect(JSON.parse(run('index.mjs', [entry], home))).toEqual({ required: refusal, imported: refusal })
  })
})
