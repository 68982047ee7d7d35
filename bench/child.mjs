import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs a file of this folder in a process of its own, and resolves with what it sends. */
export function resultOf(file, { quick, profile }, execArgv = []) {
  const flags = profile ? ['--cpu-prof', '--cpu-prof-dir=reports/bench', `--cpu-prof-name=${file}.cpuprofile`] : []
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, quick ? ['--quick'] : [], { execArgv: [...execArgv, ...flags] })
  return new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} and sent nothing.`)))
  })
}

/** Whether this process was started for a look at whether it runs. */
export const quick = process.argv.includes('--quick')
