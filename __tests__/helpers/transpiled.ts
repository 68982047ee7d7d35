import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'

const root = join(__dirname, '..', '..')

/**
 * Turns `lib/` and the helpers into JavaScript in a folder, so that a child process can run a helper against the library as it is
 * now. Takes well under a second; types are checked elsewhere. Returns where the helper's JavaScript lies.
 */
export function transpiled(helper: string, folder: string): string {
  const sources = [...filesIn(join(root, 'lib')), ...filesIn(__dirname)].filter((path) => path.endsWith('.ts'))
  for (const path of sources) {
    const output = join(folder, relative(root, path).replace(/\.ts$/, '.js'))
    mkdirSync(dirname(output), { recursive: true })
    const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true }
    writeFileSync(output, transpileModule(readFileSync(path, 'utf8'), { compilerOptions }).outputText)
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, '__tests__', 'helpers', `${helper}.js`)
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
