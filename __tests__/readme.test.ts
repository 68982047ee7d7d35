import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { createButler } from '../lib/butler'
import { catalogue } from '../lib/catalogue'
import { eventNames } from '../lib/engine/events'
import type { TaskDefinition } from '../lib/engine/task'
import { statusOf } from '../lib/errors'
import { createButlerRouter } from '../lib/http/router'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The TypeScript of the README, each with the file it must be the same as, if the README says so. */
const snippets = [...readme.matchAll(/(?:<!-- snippet: (\S+) -->\n)?```ts\n(.*?)```/gs)].map(([, file, code = '']) => ({
  file,
  code,
}))
const quoted = snippets.filter(({ file }) => file !== undefined) as { file: string; code: string }[]
const own = snippets.filter(({ file }) => file === undefined).map(({ code }) => code)

test('the first snippet is the example’s first file', () => {
  expect(snippets[0]?.file).toBe('example-app/index.ts')
})

test.each(quoted)('the snippet of $file is that file, to the letter', ({ file, code }) => {
  expect(code).toBe(readFileSync(join(root, file), 'utf8'))
})

test('every other snippet compiles as it stands', () => {
  expect(diagnosticsOf(own)).toEqual([])
}, 60_000)

test('the table of errors has every code, with its status, and no other', () => {
  const rows = [...readme.matchAll(/^\| `(BUTLER_\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ])
  expect(Object.fromEntries(rows)).toEqual(statusOf)
})

/** What an error says that something reads, of something that nobody does. */
function namesIn(make: () => unknown): string[] {
  try {
    make()
  } catch (error) {
    const [, names = ''] = /expected only (.*)\.$/.exec((error as Error).message) ?? []
    return names.split(', ')
  }
  return []
}

const run = async () => {}
const tables = {
  'All that a task may say': () => createButler({ tasks: { A: { run, nonsense: 1 } as TaskDefinition } }),
  'and the Butler': () => createButler({ tasks: {}, nonsense: 1 } as never),
  'The options of the router': () => createButlerRouter({ nonsense: 1 } as never),
}

test.each(Object.entries(tables))('the table below “%s” has every option, and no other', (words, make) => {
  const [, table = ''] = new RegExp(`${words}:\\n\\n(.*?)\\n\\n`, 's').exec(readme) ?? []
  const rows = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)])
  expect(rows.map(([, name]) => name).sort()).toEqual(namesIn(make).sort())
})

test('the table of the 14 names says what the catalogue says', () => {
  const rows = [...readme.matchAll(/^\| `(\w+)` \| (day|\d+ days) \| (on|off) \| (.*?) \|$/gm)]
  const told = rows.map(([, name, often = '', enabled, start]) => {
    const intervalDays = often === 'day' ? 1 : Number.parseInt(often, 10)
    return [name, { intervalDays, enabled: enabled === 'on', randomized: start === 'at a random moment' }]
  })
  const known = Object.entries(catalogue).map(([name, { intervalDays, enabled, randomized }]) => {
    return [name, { intervalDays, enabled, randomized }]
  })
  expect(told).toEqual(known)
})

test('the table of events has every event, and no other', () => {
  const [, table = ''] = /\| event \| when \| comes with \|\n(.*?)\n\n/s.exec(readme) ?? []
  const names = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([\w:]+)`/g)])
  expect(names.map(([, name]) => name).sort()).toEqual([...eventNames].sort())
})

const pages = ['README.md', 'docs/words.md', 'example-app/README.md']

test.each(pages)('every file that %s points to is there', (page) => {
  const text = readFileSync(join(root, page), 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path)
  expect(links.length).toBeGreaterThan(0)
  expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([])
})

test('every npm script that it names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

/** What the compiler says of each snippet, as a module beside the package's users. */
function diagnosticsOf(codes: readonly string[]): string[] {
  const modules = new Map(codes.map((code, index) => [join(root, `readme-snippet-${index + 1}.ts`), code]))
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    root,
  )
  const paths = {
    'express-butler': [join(root, 'lib/index.ts')],
    'express-butler/bullmq': [join(root, 'lib/bullmq.ts')],
    'express-butler/dashboard': [join(root, 'lib/dashboard.ts')],
    'express-butler/metrics': [join(root, 'lib/metrics.ts')],
    'express-butler/opentelemetry': [join(root, 'lib/opentelemetry.ts')],
    'express-butler/testing': [join(root, 'lib/testing.ts')],
  }
  const host = ts.createCompilerHost({ ...options, paths })
  const { readFile, fileExists } = host
  host.readFile = (path) => modules.get(path) ?? readFile(path)
  host.fileExists = (path) => modules.has(path) || fileExists(path)
  const sourceOf = host.getSourceFile
  host.getSourceFile = (path, language, ...rest) => {
    const code = modules.get(path)
    return code === undefined ? sourceOf(path, language, ...rest) : ts.createSourceFile(path, code, language)
  }
  const program = ts.createProgram([...modules.keys()], { ...options, paths, noUnusedLocals: false }, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName.slice(root.length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}
