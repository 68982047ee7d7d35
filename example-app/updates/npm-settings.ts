import { dirname, resolve } from 'node:path'
import Config from '@npmcli/config'
import { definitions, flatten, shorthands } from '@npmcli/config/lib/definitions'

/** What npm goes by when it asks a registry: the registry, proxies, certificates, and credentials under their URL. */
export interface NpmSettings {
  registry: string
  /** npm is told not to use the network. */
  offline?: boolean
  userAgent?: string
  [setting: string]: unknown
}

/**
 * The settings that npm itself would find here: environment, the project's `.npmrc`, the user's, the global one, npm's own. Read by
 * npm's own package, because nobody else follows all its rules, and because `npm config get` does not tell credentials.
 */
export async function readNpmSettings(env: NodeJS.ProcessEnv): Promise<NpmSettings> {
  const config = new Config({
    npmPath: npmFolder(env),
    definitions,
    shorthands,
    flatten,
    env: { ...env }, // Loading adds to it.
    argv: [],
    cwd: process.cwd(),
  })
  await config.load()
  return config.flat
}

/** Where npm is installed: distributions keep settings there. Without that folder only those are missing. */
function npmFolder({ npm_execpath: cli }: NodeJS.ProcessEnv): string {
  // Other package managers set the same variable.
  if (cli?.endsWith('npm-cli.js')) return resolve(cli, '../..')
  const beside = dirname(process.execPath)
  return process.platform === 'win32' ? resolve(beside, 'node_modules/npm') : resolve(beside, '../lib/node_modules/npm')
}
