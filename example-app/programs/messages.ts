/** What is to be started, by whatever name the server calls it. */
export interface Start {
  kind: 'start'
  id: number
  file: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** Whether the server has something to say to it. Otherwise it finds its standard input empty. */
  isFed: boolean
}

/** How a program ended. */
export interface Ending {
  /** `null`: a signal ended it. */
  exitCode: number | null
  endedBy: NodeJS.Signals | null
  /** The last lines it complained with, the latest first. */
  complaint: readonly string[]
}

/** What the server tells its launcher. `take` asks for the next piece of what a program writes; `text: null` is the end of what it is fed. */
export type ToLauncher =
  | Start
  | { kind: 'take'; id: number }
  | { kind: 'feed'; id: number; text: string | null }
  | { kind: 'kill'; id: number }

/** What a launcher tells its server. A program that is `hungry` has taken what it was fed. `failed`: it could not be started. */
export type FromLauncher =
  | { kind: 'wrote'; id: number; piece: Uint8Array }
  | { kind: 'hungry'; id: number }
  | ({ kind: 'ended'; id: number } & Ending)
  | { kind: 'failed'; id: number; message: string; code: string | undefined }
