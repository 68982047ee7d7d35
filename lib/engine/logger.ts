/** Where the package writes what an operator should see. pino and console fit. */
export interface Logger {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Says nothing. The default: a library does not write to somebody else's terminal. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
