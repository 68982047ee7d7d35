// The packages that npm itself is made of come without types. This is what we use of them.

declare module '@npmcli/config' {
  interface Options {
    npmPath: string
    definitions: object
    shorthands: object
    flatten: object
    env: NodeJS.ProcessEnv
    argv: readonly string[]
    cwd: string
  }

  export default class Config {
    constructor(options: Options)
    load(): Promise<void>
    /** All settings, as npm hands them to its own parts. */
    readonly flat: import('./npm-settings').NpmSettings
  }
}

declare module '@npmcli/config/lib/definitions' {
  export const definitions: object
  export const shorthands: object
  export const flatten: object
}

declare module 'npm-registry-fetch' {
  interface Credentials {
    token: string | null
    /** `name:password` in base 64. */
    auth: string | null
    cert: string | null
    key: string | null
  }

  /** What npm's settings know for a URL. */
  export function getAuth(url: string, settings: object): Credentials
}

declare module 'make-fetch-happen' {
  interface Answer {
    status: number
    headers: { get(name: string): string | null }
    body: AsyncIterable<Buffer>
  }

  export default function fetch(url: string, options: object): Promise<Answer>
}
