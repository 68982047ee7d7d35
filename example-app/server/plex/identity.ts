import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname, release, type } from 'node:os'
import type { Tree } from 'express-butler'
import { keepText } from '../kept-text'

/** By what clients know an installation again, whatever its address: 40 hexadecimal digits, made once and then kept. */
export function keepMachineIdentifier(file: string): Promise<string> {
  return keepText(file, 'machine identifier', () => randomBytes(20).toString('hex'))
}

const { version } = JSON.parse(readFileSync(require.resolve('express-butler/package.json'), 'utf8')) as {
  version: string
}

/** What there is to ask for. */
const directories = [':/prefs', 'activities', 'butler', 'identity']

/** What clients want to know before anything else. */
export function aboutServer(machineIdentifier: string): Tree {
  return {
    MediaContainer: {
      size: directories.length,
      friendlyName: hostname(),
      machineIdentifier,
      version,
      platform: type(),
      platformVersion: release(),
      myPlex: false,
      Directory: directories.map((key) => ({ count: 1, key, title: key })),
    },
  }
}

/** Enough to know the server again, and nothing that is worth a token. `claimed`: it belongs to no account anywhere. */
export function identity(machineIdentifier: string): Tree {
  return { MediaContainer: { size: 0, claimed: false, machineIdentifier, version } }
}
