import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(__dirname, '../..')

/** One file of `lib`, parsed. */
export interface Module {
  /** From the root of the repository, with forward slashes: `lib/http/router.ts`. */
  path: string
  source: ts.SourceFile
  imports: Import[]
}

export interface Import {
  /** As it is written: `../errors`. */
  specifier: string
  /** The module it leads to; `null` when that is a package or part of Node. */
  path: string | null
  /** Leaves nothing behind when it is compiled. */
  isTypeOnly: boolean
  line: number
}

/** All of `lib`, as it is on the disk. */
export function libModules(): Module[] {
  const files = readdirSync(join(root, 'lib'), { recursive: true, withFileTypes: true })
  return files
    .filter((file) => file.isFile() && file.name.endsWith('.ts'))
    .map((file) => join(file.parentPath, file.name))
    .map((path) => moduleOf(relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')))
}

export function moduleOf(path: string, text: string): Module {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const imports: Import[] = []
  visit(source, (node) => {
    const found = importIn(node)
    if (!found) return
    const { text: specifier } = found.specifier
    imports.push({
      specifier,
      path: pathTo(specifier, path),
      isTypeOnly: found.isTypeOnly,
      line: lineOf(source, node),
    })
  })
  return { path, source, imports }
}

function pathTo(specifier: string, from: string): string | null {
  if (!specifier.startsWith('.')) return null
  const isFolder = /(^|\/)\.\.?\/?$/.test(specifier)
  return `${posix.join(posix.dirname(from), specifier, isFolder ? 'index' : '')}.ts`
}

/** Every node of a tree, parents before their children. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, (child) => visit(child, see))
}

/** Counted from 1. */
export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
}

type Found = { specifier: ts.StringLiteral; isTypeOnly: boolean }

function importIn(node: ts.Node): Found | null {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier, isTypeOnly: isTypeOnly(node.importClause) }
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    const names = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : undefined
    return { specifier: node.moduleSpecifier, isTypeOnly: node.isTypeOnly || areTypes(names) }
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal, isTypeOnly: true }
  }
  return callIn(node)
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names =
    clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : undefined
  return !clause.name && areTypes(names)
}

function areTypes(names: readonly { isTypeOnly: boolean }[] | undefined): boolean {
  return names !== undefined && names.length > 0 && names.every((name) => name.isTypeOnly)
}

/** `import('…')` and `require('…')`. */
function callIn(node: ts.Node): Found | null {
  if (!ts.isCallExpression(node)) return null
  const { expression } = node
  const [first] = node.arguments
  const isImport = expression.kind === ts.SyntaxKind.ImportKeyword
  const isRequire = ts.isIdentifier(expression) && expression.text === 'require'
  return (isImport || isRequire) && first && ts.isStringLiteral(first) ? { specifier: first, isTypeOnly: false } : null
}
