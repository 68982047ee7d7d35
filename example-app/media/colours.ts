/** What can be measured of a picture's pixels. */
export interface PixelMeasures {
  /** By name, the commonest first: those that cover a fifth of the picture at least. */
  colours: string[]
  brightness: 'dark' | 'bright' | null
  isBlackAndWhite: boolean
}

/** The share that a colour must have of all pixels. */
const COLOUR_SHARE = 0.2
/** The share of pixels without colour that makes a picture black and white: compression leaves a trace of colour here and there. */
const GREY_SHARE = 0.99
/** Up to here, of 255, the difference between red, green and blue is no colour. */
const GREY = 16
/** Mean brightness, of 255. */
const DARK = 60
const BRIGHT = 195

/** `pixels`: red, green and blue, one byte each. */
export function measurePixels(pixels: Uint8Array): PixelMeasures {
  const count = Math.floor(pixels.length / 3)
  const names = new Map<string, number>()
  let [grey, light] = [0, 0]
  for (let at = 0; at < count * 3; at += 3) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3)
    const name = colourName(red, green, blue)
    names.set(name, (names.get(name) ?? 0) + 1)
    if (Math.max(red, green, blue) - Math.min(red, green, blue) <= GREY) grey += 1
    light += 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const common = [...names].filter(([, times]) => times >= count * COLOUR_SHARE).sort(([, a], [, b]) => b - a)
  const brightness = light / count < DARK ? 'dark' : light / count > BRIGHT ? 'bright' : null
  return { colours: common.map(([name]) => name), brightness, isBlackAndWhite: grey >= count * GREY_SHARE }
}

/** Where a colour ends, in degrees around the colour wheel. */
const wheel: readonly [number, string][] = [
  [15, 'red'],
  [45, 'orange'],
  [70, 'yellow'],
  [165, 'green'],
  [200, 'cyan'],
  [255, 'blue'],
  [290, 'purple'],
  [345, 'pink'],
  [360, 'red'],
]

/** What people call a colour, roughly. Each from 0 to 255. */
export function colourName(red: number, green: number, blue: number): string {
  const most = Math.max(red, green, blue)
  const chroma = most - Math.min(red, green, blue)
  if (most < 40) return 'black'
  if (chroma <= GREY || chroma / most < 0.12) return most > 215 ? 'white' : most < 60 ? 'black' : 'grey'
  const hue = hueOf(red, green, blue, most, chroma)
  const name = wheel.find(([end]) => hue < end)?.[1] ?? 'red'
  return name === 'orange' && most < 170 ? 'brown' : name
}

function hueOf(red: number, green: number, blue: number, most: number, chroma: number): number {
  if (most === red) return (((green - blue) / chroma) * 60 + 360) % 360
  if (most === green) return ((blue - red) / chroma) * 60 + 120
  return ((red - green) / chroma) * 60 + 240
}
