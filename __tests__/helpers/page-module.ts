import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'

const folder = join(__dirname, '..', '..', 'lib', 'dashboard', 'page')
const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 }
const loaded = new Map<string, object>()

/** A module of the operator's page, without a browser: for what it computes. Jest itself knows no ES modules. */
export function pageModule<Module extends object>(file: string): Module {
  const known = loaded.get(file)
  if (known) return known as Module
  const { outputText } = transpileModule(readFileSync(join(folder, file), 'utf8'), { compilerOptions })
  const exported = {}
  loaded.set(file, exported)
  const evaluate = new Function('require', 'exports', outputText)
  evaluate((name: string) => pageModule(name.replace('./', '')), exported)
  return exported as Module
}
