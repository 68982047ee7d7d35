import { basename } from 'node:path'
import ts from 'typescript'
import manifest from '../package.json'
import { type Import, libModules, lineOf, type Module, moduleOf, visit } from './helpers/modules'

const CLOCK = 'lib/engine/clock.ts'
/** It takes the place of the one of Express, which writes to the console. */
const LAST_HANDLER = 'lib/http/error-handler.ts'
const LONGEST_FILE = 350
const LONGEST_FUNCTION = 50

/**
 * The rooms of `lib`, and what each may import besides itself: a room, or one file of it. `(types)`: only what leaves nothing
 * behind when it is compiled. Folders are rooms, and so is each file that lies beside them.
 */
const mayImport: Record<string, readonly string[]> = {
  errors: [],
  catalogue: [],
  options: ['errors'],
  'task-name': ['options'],
  'optional-peer': [],
  registry: ['catalogue (types)', 'errors (types)'],
  engine: ['errors', 'options', 'catalogue', 'task-name', 'registry'],
  'butler-options': ['engine', 'registry', 'errors', 'options'],
  butler: ['butler-options', 'engine', 'registry', 'errors', 'options'],
  bullmq: ['engine', 'registry', 'errors', 'optional-peer', 'options'],
  http: ['registry', 'task-name', 'catalogue', 'errors', 'options', 'engine/clock'],
  // The page asks the Butler what any host may ask. It works out nights with the engine's calendar, and refuses as the router does.
  dashboard: [
    'butler (types)',
    'engine (types)',
    'registry',
    'engine/clock',
    'engine/date',
    'engine/window',
    'errors',
    'options',
    'http/error-handler',
    'http/errors',
    'http/methods',
    'http/other-origins',
    'http/refusal',
    'http/waiter',
  ],
  // Told by a Butler what any host may be told.
  metrics: ['butler (types)', 'engine (types)', 'registry', 'errors', 'optional-peer', 'options'],
  opentelemetry: ['engine (types)', 'optional-peer', 'options'],
  testing: ['engine', 'registry', 'options'],
  index: ['butler', 'butler-options', 'catalogue', 'engine', 'errors', 'http', 'registry'],
}

/** Where each package may be imported: in a room, and by its door. */
const homeOf: Record<string, string | readonly string[]> = {
  express: ['lib/http/', 'lib/dashboard/'],
  'express-validator': 'lib/http/',
  'http-errors': 'lib/http/',
  'fast-xml-builder': 'lib/http/',
  bullmq: ['lib/bullmq/', 'lib/bullmq.ts'],
  'prom-client': ['lib/metrics/', 'lib/metrics.ts'],
  '@opentelemetry/api': ['lib/opentelemetry/', 'lib/opentelemetry.ts'],
}

type Rule = (lib: readonly Module[]) => string[]

const rules: Record<string, Rule> = {
  'imports point down: a file imports what its room may, and nobody imports index': (lib) =>
    lib.flatMap((module) => module.imports.flatMap((found) => complainOfRoom(module, found))),

  'a package is imported only where it is at home, and only if package.json declares it': (lib) =>
    lib.flatMap((module) => module.imports.flatMap((found) => complainOfPackage(module, found))),

  'no import leads back to where it started': (lib) =>
    circles(lib).map((circle) => `${circle.join(' → ')} is a circle. Move what they share into one file below both.`),

  'the clock is the only place that reads the time or sets a timer': (lib) =>
    lib.filter(({ path }) => path !== CLOCK).flatMap((module) => nodesOf(module).flatMap(complainOfTime(module))),

  'chance is an argument, and Math.random at most its default': (lib) =>
    lib.flatMap((module) => nodesOf(module).flatMap(complainOfChance(module))),

  'nothing is printed, and the process is left to its owner': (lib) =>
    lib.flatMap((module) => nodesOf(module).flatMap(complainOfProcess(module))),

  'a file is called after a noun': (lib) =>
    lib
      .filter(({ path }) => /^(utils?|types?|helpers?|constants?|common|misc)\.ts$/.test(basename(path)))
      .map(({ path }) => `${path} is called after no concept. Put what it holds beside the noun that it belongs to.`),

  [`a file has at most ${LONGEST_FILE} lines`]: (lib) =>
    lib
      .map(({ path, source }) => ({ path, lines: source.text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > LONGEST_FILE)
      .map(({ path, lines }) => `${path} has ${lines} lines. Which second noun is in it? Give that a file.`),

  [`a function has at most ${LONGEST_FUNCTION} lines`]: (lib) =>
    lib.flatMap((module) => nodesOf(module).flatMap(complainOfLength(module))),
}

describe('in lib', () => {
  const lib = libModules()

  test.each(Object.entries(rules))('%s', (_, rule) => {
    expect(rule(lib)).toEqual([])
  })

  test('every room has files', () => {
    expect([...new Set(lib.map(({ path }) => roomOf(path)))].sort()).toEqual(Object.keys(mayImport).sort())
  })
})

describe('a violation is found, and told with the way out', () => {
  test.each([
    // title                           in          what stands there                    what is told
    ['a router that plans', 'http/new', `import { plan } from '../engine/plan'`, 'imports lib/engine/plan.ts'],
    ['a router with a Butler', 'http/new', `import type { Butler } from '../butler'`, 'imports lib/butler.ts'],
    [
      'a seam that knows the engine',
      'registry',
      `import type { Run } from './engine/run'`,
      'imports lib/engine/run.ts',
    ],
    ['an engine with routes', 'engine/new', `export * from '../http/router'`, 'imports lib/http/router.ts'],
    ['an import of the door', 'butler', `import { createButler } from './index'`, 'imports lib/index.ts'],
    ['an import of the door by its folder', 'engine/new', `import '..'`, 'imports lib/index.ts'],
    ['a late import', 'engine/new', `const late = () => import('../butler')`, 'imports lib/butler.ts'],
    ['a room without a rule', 'kitchen/oven', `import '../errors'`, 'lies in the room "kitchen"'],
    [
      'a page that looks into the queue',
      'dashboard/new',
      `import { x } from '../engine/queue'`,
      'imports lib/engine/queue.ts',
    ],
    ['bullmq outside its room', 'engine/new', `import { Queue } from 'bullmq'`, 'imports bullmq'],
    ['prom-client outside its room', 'engine/new', `import { Counter } from 'prom-client'`, 'imports prom-client'],
    [
      'tracing outside its room',
      'engine/new',
      `import { trace } from '@opentelemetry/api'`,
      'imports @opentelemetry/api',
    ],
    ['express outside its room', 'engine/new', `import type { Request } from 'express'`, 'imports express'],
    ['a package that nobody declared', 'http/new', `import fp from 'lodash/fp'`, 'imports lodash'],
    ['the time', 'engine/new', 'const now = new Date()', 'reads the time by new Date()'],
    ['the time as text', 'engine/new', 'const now = Date()', 'reads the time by Date()'],
    ['the time handed on', 'engine/new', 'const { now = Date.now } = given', 'reads the time by Date.now'],
    ['the uptime', 'butler', 'const since = performance.now()', 'reads the time by performance.now'],
    ['a timer', 'http/new', 'setTimeout(() => {}, 5)', 'sets a timer by setTimeout'],
    ['a timer of the global object', 'http/new', 'globalThis.setInterval(f, 5)', 'sets a timer by setInterval'],
    ['a timer that is imported', 'http/new', `import { setTimeout } from 'node:timers'`, 'sets a timer by node:timers'],
    ['chance', 'engine/new', 'const drawn = Math.random()', 'throws dice'],
    ['a word to the console', 'butler', `console.log('!')`, 'uses console'],
    ['a signal handler', 'butler', `process.on('SIGTERM', f)`, 'uses process.on'],
    ['a long function', 'butler', `const f = () => {${'\n'.repeat(60)}}`, 'is a function of 61 lines'],
  ])('%s', (_, file, text, told) => {
    const path = `lib/${file}.ts`
    expect(complaints([moduleOf(path, text)])).toEqual([expect.stringContaining(`${path}:1 ${told}`)])
  })

  test.each([
    ['a drawer for everything', 'lib/engine/utils.ts', '', 'lib/engine/utils.ts is called after no concept'],
    ['a long file', 'lib/butler.ts', `${'\n'.repeat(400)}f()`, 'lib/butler.ts has 401 lines'],
  ])('%s', (_, path, text, told) => {
    expect(complaints([moduleOf(path, text)])).toEqual([expect.stringContaining(told)])
  })

  test('two files that import each other', () => {
    const circle = [moduleOf('lib/engine/a.ts', `import './b'`), moduleOf('lib/engine/b.ts', `export { a } from './a'`)]
    expect(complaints(circle)).toEqual([expect.stringContaining('lib/engine/a.ts → lib/engine/b.ts → lib/engine/a.ts')])
  })
})

describe('what looks like a violation and is none is let pass', () => {
  test.each([
    ['types of the registry in the engine', 'lib/engine/new.ts', `import type { Trigger } from '../registry'`],
    ['types of the registry, each marked', 'lib/engine/new.ts', `import { type Trigger } from '../registry'`],
    ['an instant as a Date', 'lib/engine/new.ts', 'const date = new Date(0)'],
    ['Math.random as a default', 'lib/butler-options.ts', 'const { random = Math.random } = given'],
    ['the last error handler', LAST_HANDLER, 'console.error(error)'],
    ['the clock itself', CLOCK, 'setTimeout(f, Date.now() - performance.now())'],
    ['a member that is called as a timer is', 'lib/engine/new.ts', 'clock.setTimeout(f); const x = { setTimeout: 1 }'],
    [
      'a message that names bullmq',
      'lib/engine/new.ts',
      `const hint = 'import { bullmqQueue } from "express-butler/bullmq"'`,
    ],
    ['a type of Node', 'lib/engine/new.ts', 'let timer: NodeJS.Timeout | ReturnType<typeof setTimeout>'],
  ])('%s', (_, path, text) => {
    expect(complaints([moduleOf(path, text)])).toEqual([])
  })

  test('types that refer to each other', () => {
    const pair = [moduleOf('lib/engine/wake-ups.ts', `import type { Instant } from './clock'`)]
    pair.push(moduleOf('lib/engine/clock.ts', `import type { WakeUps } from './wake-ups'`))
    expect(complaints(pair)).toEqual([])
  })
})

function complaints(lib: readonly Module[]): string[] {
  return Object.values(rules).flatMap((rule) => rule(lib))
}

/** `lib/http/router.ts` → `http`; `lib/butler.ts` → `butler`. `lib/testing.ts` is the door of the room `testing`. */
function roomOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') as string
}

function complainOfRoom({ path }: Module, { path: target, isTypeOnly, line }: Import): string[] {
  const room = roomOf(path)
  const allowed = mayImport[room]
  if (!allowed) return [`${path}:${line} lies in the room "${room}". Say in architecture.test.ts what that may import.`]
  if (target === null || roomOf(target) === room) return []
  const wanted = [roomOf(target), target.replace(/^lib\/|\.ts$/g, '')]
  if (wanted.some((name) => allowed.includes(name) || (isTypeOnly && allowed.includes(`${name} (types)`)))) return []
  const wayOut = 'Ask for what you need as an argument, or move it into a room below both.'
  return [`${path}:${line} imports ${target}; ${room} may import ${allowed.join(', ') || 'nothing'}. ${wayOut}`]
}

function complainOfPackage({ path }: Module, { specifier, path: target, line }: Import): string[] {
  if (target !== null || specifier.startsWith('node:')) return []
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  const home = homeOf[name]
  const homes = [home ?? []].flat()
  if (home && !homes.some((folder) => path.startsWith(folder))) {
    return [`${path}:${line} imports ${name}, whose place is ${homes.join(' or ')}. Wrap what you need of it there.`]
  }
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies }
  if (home && name in declared) return []
  return [`${path}:${line} imports ${name}. Declare it in package.json and give it a home in architecture.test.ts.`]
}

function complainOfTime({ path, source }: Module): (node: ts.Node) => string[] {
  return (node) => {
    const at = `${path}:${lineOf(source, node)}`
    const wayOut = `Ask for a Clock (${CLOCK}) instead.`
    const [time, timer] = [timeReadBy(node), timerSetBy(node)]
    if (time) return [`${at} reads the time by ${time}. ${wayOut}`]
    return timer ? [`${at} sets a timer by ${timer}. ${wayOut}`] : []
  }
}

function timeReadBy(node: ts.Node): string | null {
  if (ts.isNewExpression(node) && isGlobal(node.expression, 'Date') && !node.arguments?.length) return 'new Date()'
  if (ts.isCallExpression(node) && isGlobal(node.expression, 'Date')) return 'Date()'
  const members = ['Date.now', 'performance.now', 'process.hrtime', 'process.uptime', 'Temporal.Now']
  return members.find((member) => isMember(node, member)) ?? null
}

function timerSetBy(node: ts.Node): string | null {
  const timers = ['setTimeout', 'setInterval']
  if (ts.isStringLiteral(node) && /^(node:)?timers(\/promises)?$/.test(node.text)) return node.text
  return timers.find((name) => isGlobal(node, name) || isMember(node, `globalThis.${name}`)) ?? null
}

function complainOfChance({ path, source }: Module): (node: ts.Node) => string[] {
  return (node) => {
    if (!isMember(node, 'Math.random') || isDefault(node)) return []
    return [`${path}:${lineOf(source, node)} throws dice. Take \`random: () => number\` as an argument.`]
  }
}

/** `{ random = Math.random }`, of an option or a parameter. */
function isDefault(node: ts.Node): boolean {
  const { parent } = node
  return (ts.isBindingElement(parent) || ts.isParameter(parent)) && parent.initializer === node
}

function complainOfProcess({ path, source }: Module): (node: ts.Node) => string[] {
  const members = ['process.on', 'process.once', 'process.exit', 'process.stdout', 'process.stderr']
  return (node) => {
    const used =
      isGlobal(node, 'console') && path !== LAST_HANDLER ? 'console' : members.find((member) => isMember(node, member))
    return used ? [`${path}:${lineOf(source, node)} uses ${used}. Use the logger, or leave it to the host.`] : []
  }
}

function complainOfLength({ path, source }: Module): (node: ts.Node) => string[] {
  return (node) => {
    const lines = ts.isFunctionLike(node) ? linesOf(source, node) : 0
    if (lines <= LONGEST_FUNCTION) return []
    return [`${path}:${lineOf(source, node)} is a function of ${lines} lines. Which two names would tell it better?`]
  }
}

function linesOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getEnd()).line - lineOf(source, node) + 2
}

/** A name that stands for itself: no member of something, no key, no type. */
function isGlobal(node: ts.Node, name: string): boolean {
  if (!ts.isIdentifier(node) || node.text !== name) return false
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  return !ts.isImportSpecifier(parent) && !ts.isTypeQueryNode(parent)
}

/** `Date.now`, also when it is not called. */
function isMember(node: ts.Node, member: string): boolean {
  const [object, name] = member.split('.') as [string, string]
  return ts.isPropertyAccessExpression(node) && node.name.text === name && isGlobal(node.expression, object)
}

function nodesOf({ source }: Module): ts.Node[] {
  const nodes: ts.Node[] = []
  visit(source, (node) => nodes.push(node))
  return nodes
}

/** Ways along imports that end where they began, each told once. Types make no circle: nothing of them is left to run. */
function circles(lib: readonly Module[]): string[][] {
  const nextOf = new Map(lib.map(({ path, imports }) => [path, imports.flatMap(runtimeTarget)]))
  const done = new Set<string>()
  const found: string[][] = []

  function follow(path: string, way: readonly string[]): void {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path])
    if (done.has(path) || way.includes(path)) return
    for (const next of nextOf.get(path) ?? []) follow(next, [...way, path])
    done.add(path)
  }

  for (const path of nextOf.keys()) follow(path, [])
  return found
}

function runtimeTarget({ path, isTypeOnly }: Import): string[] {
  return path === null || isTypeOnly ? [] : [path]
}
