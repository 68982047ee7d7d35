/** What the name of a subtitle file says, such as `Film.pt-BR.forced.srt`. */
export interface SubtitleName {
  /** BCP 47, in its shortest form: `en` for `eng`. `null`: the name does not say. */
  language: string | null
  /** Only what is foreign to the film itself. */
  forced: boolean
  /** With sounds described, for people who do not hear them. */
  sdh: boolean
}

const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })

/** Languages of two letters by their English names, such as `german`. */
const byName = new Map(
  twoLetters().flatMap((code) => {
    const name = languages.of(code)
    return name === undefined ? [] : [[name.toLowerCase(), code] as const]
  }),
)

/** Not those that have another code today, such as `iw` for Hebrew. */
function twoLetters(): string[] {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const all = letters.flatMap((first) => letters.map((second) => first + second))
  return all.filter((code) => Intl.getCanonicalLocales(code)[0] === code)
}

/** Reads what stands between the name of the film and the extension, such as `en.forced` or `German (SDH)`. Other words mean nothing. */
export function readSubtitleName(between: string): SubtitleName {
  const name: SubtitleName = { language: null, forced: false, sdh: false }
  for (const word of between.toLowerCase().split(/[.()[\]]/)) {
    if (word === 'forced' || word === 'foreign') name.forced = true
    else if (word === 'sdh' || word === 'cc') name.sdh = true
    // Hindi; behind a language, for the hearing impaired.
    else if (word === 'hi' && name.language !== null) name.sdh = true
    else name.language ??= byName.get(word.trim()) ?? languageOf(word)
  }
  return name
}

function languageOf(word: string): string | null {
  if (!/^[a-z]{2,3}([-_][a-z0-9]{2,4})*$/.test(word)) return null
  try {
    const [language = ''] = Intl.getCanonicalLocales(word.replaceAll('_', '-'))
    return languages.of(language) === undefined ? null : language
  } catch {
    return null
  }
}
