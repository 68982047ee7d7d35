/** What ffprobe says of a film's times, in seconds as text. */
export interface TimeReport {
  streams?: {
    codec_type?: string
    start_time?: string
    duration?: string
    disposition?: { attached_pic?: number }
  }[]
  format?: { start_time?: string; duration?: string }
}

/**
 * How long a film says it is, in seconds; `null`: it does not say. Never longer than what there is to be seen, heard and read, where all
 * of that says how long it is: a track of chapters may go on after the film.
 */
export function lengthOf({ streams = [], format = {} }: TimeReport): number | null {
  const saidS = numberOf(format.duration)
  if (saidS === null) return null
  const firstS = numberOf(format.start_time) ?? 0
  const isShown = ({ codec_type, disposition }: (typeof streams)[number]) =>
    /^(video|audio|subtitle)$/.test(codec_type ?? '') && disposition?.attached_pic !== 1
  const ends = streams.filter(isShown).map(({ start_time, duration }) => {
    const lastsS = numberOf(duration)
    return lastsS === null ? Infinity : (numberOf(start_time) ?? firstS) - firstS + lastsS
  })
  return ends.length === 0 ? saidS : Math.min(saidS, Math.max(...ends))
}

/** `null` for `N/A`, which is how ffprobe says that it does not know. */
export function numberOf(text = ''): number | null {
  const number = Number.parseFloat(text)
  return Number.isFinite(number) ? number : null
}
