import sharp from 'sharp'

/** A film on the sheet: a line of its own, and its pictures below. */
export interface SheetFilm {
  title: string
  pictures: readonly { file: string; title: string; startS: number }[]
}

/** In pixels. */
const TILE = { width: 320, height: 180 }
const GAP = 20
const HEADING = 44
const LABEL = 34
/** Pictures side by side. */
const COLUMNS = 3

const WIDTH = GAP + COLUMNS * (TILE.width + GAP)
const ROW = TILE.height + LABEL
const FONT = 'font-family="DejaVu Sans, Verdana, Helvetica, sans-serif"'

/** Draws the chapters of films on one picture, with their titles and times. Written in the format that the name asks for. */
export async function drawContactSheet(films: readonly SheetFilm[], target: string): Promise<void> {
  const parts: sharp.OverlayOptions[] = []
  const texts: string[] = []
  let top = GAP / 2
  for (const { title, pictures } of films) {
    texts.push(
      `<text x="${GAP}" y="${top + 29}" font-size="19" font-weight="bold" fill="#f2f2f5" ${FONT}>${escaped(title)}</text>`,
    )
    top += HEADING
    for (const [index, { file, title, startS }] of pictures.entries()) {
      const left = GAP + (index % COLUMNS) * (TILE.width + GAP)
      const y = top + Math.floor(index / COLUMNS) * ROW
      parts.push({ input: await tile(file), left, top: y })
      texts.push(label(title, startS, left, y + TILE.height + 21))
    }
    top += Math.ceil(pictures.length / COLUMNS) * ROW
  }
  const height = top + GAP / 2
  const written = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}">${texts.join('')}</svg>`,
  )
  const paper = sharp({ create: { width: WIDTH, height, channels: 3, background: '#17181c' } })
  await paper.composite([...parts, { input: written, left: 0, top: 0 }]).toFile(target)
}

/** A picture as large as all others, whatever its shape, with round corners. */
async function tile(file: string): Promise<Buffer> {
  const { width, height } = TILE
  const corners = Buffer.from(`<svg><rect width="${width}" height="${height}" rx="8"/></svg>`)
  const picture = sharp(file)
    .resize({ ...TILE, fit: 'contain', background: '#000' })
    .ensureAlpha()
  return picture
    .composite([{ input: corners, blend: 'dest-in' }])
    .png()
    .toBuffer()
}

function label(title: string, startS: number, left: number, y: number): string {
  const right = left + TILE.width
  return `<text x="${left}" y="${y}" font-size="14" fill="#d4d6dc" ${FONT}>${escaped(shortened(title))}</text>
    <text x="${right}" y="${y}" font-size="13" fill="#8b8f99" text-anchor="end" ${FONT}>${clock(startS)}</text>`
}

const LONGEST_LABEL = 32

function shortened(title: string): string {
  const signs = [...title]
  return signs.length <= LONGEST_LABEL ? title : `${signs.slice(0, LONGEST_LABEL - 1).join('')}…`
}

/** `0:05`, `12:00`, `1:30:00`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (number: number) => String(number).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** Titles come from files, and may contain anything. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write them
  const clean = text.replace(/[\u0000-\u001f\ufffe\uffff]|\p{Surrogate}/gu, ' ')
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
