import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'

const root = join(__dirname, '..', '..')

/**
 * Turns `lib/` and the helpers into JavaScript in a folder, so that a child process can run a helper against the library as it is
 * now. Takes well under a second; types are checked elsewhere. Returns where the helper's JavaScript lies.
 */
export function transpiled(helper: string, folder: string): string {
  for (const path of [...filesIn(join(root, 'lib')), ...filesIn(__dirname)]) {
    const output = join(folder, relative(root, path).replace(/\.ts$/, '.js'))
    mkdirSync(dirname(output), { recursive: true })
    const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true }
    writeFileSync(output, transpileModule(readFileSync(path, 'utf8'), { compilerOptions }).outputText)
  }
  symlinkSync(join(root, 'lib/dashboard/built-page'), join(folder, 'lib/dashboard/built-page'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, '__tests__', 'helpers', `${helper}.js`)
}

/** A helper as a program for all tests of a file; what was made for it is removed after them. Returns how to get its path in a test. */
export function program(helper: string): () => string {
  let folder = ''
  let path = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'express-butler-build-'))
    path = transpiled(helper, folder)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return () => path
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
}
