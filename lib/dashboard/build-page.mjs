// Makes of the modules in `page` the one that is served, and copies what stands beside them: `node lib/dashboard/build-page.mjs dist`.
// Nothing is renamed, and above each part stands the name of its module: who reads a stack trace finds the line.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, stop } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))

/** @param {string} outdir */
export async function buildPage(outdir) {
  mkdirSync(outdir, { recursive: true })
  await build({
    absWorkingDir: here,
    entryPoints: ['page/app.mjs', 'page/style.css'],
    outdir,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  })
  for (const name of ['index.html', 'icon.svg']) copyFileSync(join(here, 'page', name), join(outdir, name))
  // It keeps a process of its own, and tests count processes.
  await stop()
}

/** For Jest: what tests see is what is shipped, made of what stands in `page` now. */
export default async function beforeTests() {
  await buildPage(join(here, 'built-page'))
}

const [, program, dist] = process.argv
if (program === fileURLToPath(import.meta.url) && dist) await buildPage(resolve(dist, 'dashboard/built-page'))
