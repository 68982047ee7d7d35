/**
 * Loads a package that a host installs only if it wants what needs it, so that where it is missing the error says what to install.
 * That keeps the `code` of Node's own error, by which hosts tell that something is not there; any other error passes as it is.
 * `install`: what npm is to be given. Default: the package.
 */
export function expectPeer(entry: string, peer: string, load: () => unknown, install = peer): void {
  try {
    load()
  } catch (cause) {
    if (!isMissing(cause, peer)) throw cause
    const message = `${entry} needs the package ${peer}, which is not installed: npm install ${install}`
    throw Object.assign(new Error(message, { cause }), { code: MODULE_NOT_FOUND })
  }
}

const MODULE_NOT_FOUND = 'MODULE_NOT_FOUND'

/** Whether it is the package itself that is missing, and not something that it needs in turn. */
function isMissing(error: unknown, peer: string): boolean {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown }
  return code === MODULE_NOT_FOUND && String(message).startsWith(`Cannot find module '${peer}'`)
}
