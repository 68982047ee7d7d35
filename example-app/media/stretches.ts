import type { Kind } from './kind'
import { inputOf } from './probe'
import { LONGEST_PASS, runProgram } from './program'
import type { MediaTools } from './tools'

/** From when to when, in seconds. */
export interface Stretch {
  fromS: number
  toS: number
}

/** Loudness by EBU R128. */
export interface Loudness {
  /** Of the whole, in LUFS. */
  integrated: number
  /** Between quiet and loud parts, in LU. */
  range: number
}

/** Shorter stretches are part of the work, in seconds. */
const SHORTEST = 0.5
/** What R128 says of sound that has none, in LUFS. */
const SILENCE = -70

interface Source {
  tools: MediaTools
  file: string
  kind: Kind
  durationS: number
}

/** Stretches in which the picture is black. */
export async function blackStretches(source: Source, signal: AbortSignal): Promise<Stretch[]> {
  const found = new Stretches('black', source.durationS)
  const filter = ['-map', '0:V:0', '-vf', `blackdetect=d=${SHORTEST},metadata=mode=print:file=-`]
  await decode(source, filter, signal, (name, value) => found.take(name, value))
  return found.all()
}

/** Stretches in which nothing is heard, and how loud the rest is. */
export async function listen(source: Source, signal: AbortSignal) {
  const silent = new Stretches('silence', source.durationS)
  const loudness: Loudness = { integrated: SILENCE, range: 0 }
  const filters = [
    'ebur128=metadata=1',
    `silencedetect=noise=-50dB:duration=${SHORTEST}`,
    'ametadata=mode=print:file=-',
  ]
  await decode(source, ['-map', '0:a:0', '-af', filters.join(',')], signal, (name, value) => {
    silent.take(name, value)
    if (name === 'r128.I') loudness.integrated = value
    if (name === 'r128.LRA') loudness.range = value
  })
  return { silent: silent.all(), loudness: loudness.integrated > SILENCE ? loudness : null }
}

/**
 * Decodes one stream of a file and hands on what the filters found. They write it on ffmpeg's standard output: its log would mix
 * it with the names and titles of files, which may contain anything.
 */
async function decode(
  { tools, file, kind }: Source,
  filter: readonly string[],
  signal: AbortSignal,
  found: (name: string, value: number) => void,
): Promise<void> {
  const onLine = (line: string) => {
    const [, name, value] = /^lavfi\.([\w.]+)=(\S+)$/.exec(line) ?? []
    if (name !== undefined) found(name, Number(value))
  }
  const args = ['-v', 'error', '-nostdin', ...inputOf(file, kind), ...filter, '-f', 'null', '-']
  await runProgram(tools.ffmpeg, args, { signal, onLine, timeoutMs: LONGEST_PASS })
}

/** Puts together what a filter says of starts and ends. A stretch that lasts to the end of the file has no end of its own. */
class Stretches {
  readonly #name: string
  readonly #durationS: number
  readonly #found: Stretch[] = []
  #fromS: number | null = null

  constructor(name: string, durationS: number) {
    this.#name = name
    this.#durationS = durationS
  }

  take(name: string, value: number): void {
    if (name === `${this.#name}_start`) this.#fromS = value
    if (name === `${this.#name}_end`) this.#end(value)
  }

  all(): Stretch[] {
    this.#end(this.#durationS)
    return this.#found
  }

  #end(toS: number): void {
    if (this.#fromS !== null && toS > this.#fromS) this.#found.push({ fromS: this.#fromS, toS })
    this.#fromS = null
  }
}
