import { join } from 'node:path'
import { foldersOf } from '../../library/folders'
import { type Check, checkForUpdates } from '../../tasks/CheckForUpdates'
import type { LocalRegistry } from './registry'
import { aFolder } from './test-library'
import { runTask, type TestRunOptions } from './test-run'

/** Somebody with a home of their own, where npm finds only what a test puts there, and with a version of the package. */
export async function somebody(npm: NodeJS.ProcessEnv, check: Check = {}) {
  const home = await aFolder()
  const folders = foldersOf(home, null)
  // A proxy of this machine's is not for 127.0.0.1.
  const env = { HOME: home, PREFIX: home, NO_PROXY: '127.0.0.1', ...npm }
  const task = checkForUpdates({ folders }, { current: '1.2.0', env, ...check })
  return {
    home,
    memory: join(folders.data, 'updates.json'),
    check: async (options?: TestRunOptions) => (await runTask(task, options)).result,
    run: (options?: TestRunOptions) => runTask(task, options),
  }
}

/** npm's settings of somebody who uses one registry for all. */
export const usesOnly = ({ url }: LocalRegistry, more: NodeJS.ProcessEnv = {}) => ({
  npm_config_registry: url,
  ...more,
})
