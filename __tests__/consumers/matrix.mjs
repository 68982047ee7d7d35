// Runs the programs of this folder, with the package really installed, on each Node that we promise besides the one at hand.
// `--suite` runs all tests of `lib` there too. Each Node comes from the npm package `node`.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODES = [22, 24, 26]
const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../..')
const seen = { statuses: [200, 202, 200, 400], listed: ['BackupDatabase', 'SendReport'], known: [14, true] }
const programs = [
  { file: 'commonjs.js', type: 'commonjs' },
  { file: 'esm.mjs', type: 'module' },
]

const folder = mkdtempSync(join(tmpdir(), 'butler-matrix-'))
try {
  const homes = [4, 5].flatMap(install)
  for (const major of NODES) {
    const node = pathOf(major)
    for (const { home, title } of homes) {
      assert.deepEqual(JSON.parse(run(node, ['index.js'], home)), seen)
      console.log(`Node ${major}: ${title} runs.`)
    }
    if (process.argv.includes('--suite')) runSuite(node, major)
  }
} finally {
  rmSync(folder, { recursive: true })
}

/** Installs the packed package and one Express, and puts each program beside them. */
function install(express) {
  const parent = join(folder, `express-${express}`)
  mkdirSync(parent)
  run('npm', ['pack', '--silent', '--pack-destination', parent], root)
  const tarball = join(parent, readdirSync(parent)[0])
  writeFileSync(join(parent, 'package.json'), '{ "private": true }')
  run(
    'npm',
    ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', tarball, `express@${express}`],
    parent,
  )
  return programs.map(({ file, type }) => {
    const home = join(parent, type)
    mkdirSync(home)
    writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, type }))
    cpSync(join(here, file), join(home, 'index.js'))
    return { home, title: `${file} on Express ${express}` }
  })
}

/** Where install scripts are blocked, the package `node` silently leaves the Node at hand: the version must be looked at. */
function pathOf(major) {
  const [path, version] = JSON.parse(
    run('npx', ['--yes', `node@${major}`, '-p', 'JSON.stringify([process.execPath, process.versions.node])'], folder),
  )
  assert.equal(version.split('.')[0], String(major), `node@${major} gave Node ${version}; are install scripts allowed?`)
  return path
}

function runSuite(node, major) {
  const jest = join(root, 'node_modules/jest/bin/jest.js')
  const suite = ['--selectProjects', 'express 5', 'express 4']
  execFileSync(node, [jest, ...suite], { cwd: root, stdio: 'inherit' })
  console.log(`Node ${major}: all tests of lib pass.`)
}

function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 })
}
