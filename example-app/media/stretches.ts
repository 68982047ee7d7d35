import { LONGEST_PASS, runProgram } from '../programs/program'
import type { Kind } from './kind'
import { loudnessOf } from './loudness'
import { inputOf } from './probe'
import { steadyFilter } from './thumbnails'
import type { MediaTools } from './tools'

/** From when to when, in seconds. */
export interface Stretch {
  fromS: number
  toS: number
}

/** Shorter stretches are part of the work, in seconds. */
const SHORTEST = 0.5
/** How many of ffmpeg's measurements after a change of the sound look back beyond it: 0.4 s, and 3 s, ten a second. */
const LOOKING_BACK = { momentary: 3, shortTerm: 29 }
/** What counts as the same moment, in seconds. */
const SAME = 0.01

interface Source {
  tools: MediaTools
  file: string
  kind: Kind
  durationS: number
}

/** Stretches in which the picture is black. */
export async function blackStretches(source: Source, signal: AbortSignal): Promise<Stretch[]> {
  const found = new Stretches('black', source.durationS)
  // As large as it was, where the size of the pictures changes.
  const filter = ['-map', '0:V:0', '-vf', `scale=iw:ih,blackdetect=d=${SHORTEST},metadata=mode=print:file=-`]
  await decode(source, steadyFilter, filter, signal, { take: (name, value) => found.take(name, value) })
  return found.all()
}

/** Stretches in which nothing is heard, and how loud the rest is. */
export async function listen(source: Source, signal: AbortSignal) {
  const silent = new Stretches('silence', source.durationS)
  const [momentary, shortTerm] = [new Measurements(), new Measurements()]
  const filters = [
    'ebur128=metadata=1',
    `silencedetect=noise=-50dB:duration=${SHORTEST}`,
    'ametadata=mode=print:file=-',
  ]
  await decode(source, [], ['-map', '0:a:0', '-af', filters.join(',')], signal, {
    take(name, value) {
      silent.take(name, value)
      if (name === 'r128.M') momentary.take(value)
      if (name === 'r128.S') shortTerm.take(value)
    },
    beginAnew(atS) {
      silent.beginAnew(atS)
      momentary.passOver(LOOKING_BACK.momentary)
      shortTerm.passOver(LOOKING_BACK.shortTerm)
    },
  })
  return { silent: silent.all(), loudness: loudnessOf(momentary.taken, shortTerm.taken) }
}

interface Listener {
  take(name: string, value: number): void
  /** The sound is of another kind from here on, and the filters are new. */
  beginAnew?(atS: number): void
}

/**
 * Decodes one stream of a file and hands on what the filters found. They write it on ffmpeg's standard output: its log would mix
 * it with the names and titles of files, which may contain anything.
 */
async function decode(
  { tools, file, kind }: Source,
  options: readonly string[],
  filter: readonly string[],
  signal: AbortSignal,
  { take, beginAnew }: Listener,
): Promise<void> {
  let frames = -1
  const onLine = (line: string) => {
    const [, name, value] = /^lavfi\.([\w.]+)=(\S+)$/.exec(line) ?? []
    if (name !== undefined) take(name, Number(value))
    const [, frame, atS] = /^frame:(\d+).* pts_time:(\S+)/.exec(line) ?? []
    if (frame === undefined) return
    if (Number(frame) <= frames) beginAnew?.(Number(atS))
    frames = Number(frame)
  }
  const args = ['-v', 'error', '-nostdin', ...options, ...inputOf(file, kind), ...filter, '-f', 'null', '-']
  await runProgram(tools.ffmpeg, args, { signal, onLine, timeoutMs: LONGEST_PASS })
}

class Measurements {
  readonly taken: number[] = []
  #passedOver = 0

  take(value: number): void {
    if (this.#passedOver > 0) this.#passedOver -= 1
    else this.taken.push(value)
  }

  passOver(count: number): void {
    this.#passedOver = count
  }
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
    if (name === `${this.#name}_start`) this.#start(value)
    if (name === `${this.#name}_end`) this.#end(value)
  }

  /** Nothing more will be told of what has started. When it goes on, it starts again in the same moment. */
  beginAnew(atS: number): void {
    this.#end(atS)
  }

  all(): Stretch[] {
    this.#end(this.#durationS)
    return this.#found
  }

  #start(fromS: number): void {
    const last = this.#found.at(-1)
    const goesOn = last !== undefined && fromS <= last.toS + SAME
    if (goesOn) this.#found.pop()
    this.#fromS = goesOn ? last.fromS : fromS
  }

  #end(toS: number): void {
    if (this.#fromS !== null && toS > this.#fromS) this.#found.push({ fromS: this.#fromS, toS })
    this.#fromS = null
  }
}
