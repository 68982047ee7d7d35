import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import manifest from '../../package.json'

const root = resolve(__dirname, '../..')
const installed = join(root, 'node_modules')

/** The package as npm would publish it. */
export interface Packed {
  /** Where it has been unpacked. */
  folder: string
  /** What is in it, from its root: `dist/index.js`. */
  files: string[]
}

/** Builds and packs `lib` as it is now, in a folder of its own: other tests use `dist`. */
export function packPackage(folder: string): Packed {
  const source = join(folder, 'source')
  mkdirSync(source)
  for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])
    cpSync(join(root, file), join(source, file))
  run(join(installed, 'typescript/bin/tsc'), ['-p', 'tsconfig.build.json', '--outDir', join(source, 'dist')], root)
  run(join(root, 'lib/dashboard/build-page.mjs'), [join(source, 'dist')], root)
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: source,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [{ filename, files }] = JSON.parse(packed)
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder])
  return { folder: join(folder, 'package'), files: files.map(({ path }: { path: string }) => path) }
}

export interface Consumer {
  /** A file of `__tests__/consumers`, and what it is called in its new home. */
  program: readonly [from: string, to: string]
  type: 'commonjs' | 'module'
  express: 4 | 5
  /** What else it has installed, besides express and ours. */
  uses?: readonly string[]
  /** Of its tsconfig.json, when it is in TypeScript. */
  compilerOptions?: object
  /** Whose types of Node it has then. Default: those of the oldest that we promise. */
  nodeTypes?: 20 | 26
}

/**
 * A folder outside the repository in which somebody has installed the package. There is nothing else in it but what our
 * package.json declares and what they use themselves, linked to the copies of the repository.
 */
export function installConsumer(parent: string, packed: Packed, consumer: Consumer): string {
  const { program, type, express, uses = [], compilerOptions, nodeTypes = 20 } = consumer
  const folder = mkdtempSync(join(parent, 'consumer-'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
  copyFileSync(join(root, '__tests__/consumers', program[0]), join(folder, program[1]))
  cpSync(packed.folder, join(folder, 'node_modules/express-butler'), { recursive: true })
  for (const name of [...Object.keys(manifest.dependencies), ...uses]) link(folder, name, name)
  link(folder, 'express', express === 4 ? 'express4' : 'express')
  if (compilerOptions) {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    link(folder, '@types/node', nodeTypes === 26 ? 'types-node26' : '@types/node')
    link(folder, '@types/express', express === 4 ? 'types-express4' : '@types/express')
  }
  return folder
}

function link(folder: string, name: string, copy: string): void {
  const path = join(folder, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(join(installed, copy), path, 'junction')
}

/** Runs a program in a folder and returns what it prints. Throws, with that, when it fails or does not end by itself. */
export function run(script: string, args: readonly string[], cwd: string): string {
  const { NODE_OPTIONS: _, ...env } = process.env
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status === 0) return stdout
  throw new Error(`${script} ${args.join(' ')} ended with ${status ?? signal}:\n${stdout}${stderr}`)
}
